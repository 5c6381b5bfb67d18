import { z } from 'zod';
import { cronText, timeZoneText } from '../maintenance/settings.ts';

const heartbeatSettings = z
  .strictObject({
    key: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,100}$/, 'expected 1 to 100 letters, digits, dots, dashes or underscores')
      .describe(
        'What the job reports to: /monitoring/api/heartbeats/<key>. Whoever knows it may report and nothing else; make it random where strangers could guess it.',
      ),
    name: z.string().trim().min(1).max(120).optional().describe('Name shown to people. Default: the key.'),
    enabled: z.boolean().default(true).describe('false leaves this heartbeat out.'),
    schedule: cronText
      .optional()
      .describe('When the job runs, as a cron pattern of five fields. Give schedule or interval_seconds.'),
    time_zone: timeZoneText.optional().describe('Time zone of schedule. Default: the zone of the machine.'),
    interval_seconds: z
      .number()
      .min(1)
      .max(366 * 86_400)
      .optional()
      .describe('The job reports at least this often.'),
    grace_seconds: z
      .number()
      .min(0)
      .max(7 * 86_400)
      .default(60)
      .describe('So long after its time a report may come before it counts as missing.'),
    max_runtime_seconds: z
      .number()
      .positive()
      .optional()
      .describe('A run that was started may take so long. Default: until the next one is due.'),
    parents: z
      .array(z.string().min(1))
      .default([])
      .describe('Ids of the checks this job depends on: while one of them is down, a failure here tells nobody.'),
    tags: z.array(z.string().min(1)).default([]).describe('Words that maintenance windows select by.'),
  })
  .superRefine((heartbeat, context) => {
    const { schedule, interval_seconds, time_zone } = heartbeat;
    if ((schedule === undefined) === (interval_seconds === undefined))
      context.addIssue({ code: 'custom', message: 'needs schedule or interval_seconds, one of them' });
    if (time_zone !== undefined && schedule === undefined)
      context.addIssue({ code: 'custom', path: ['time_zone'], message: 'belongs to schedule' });
  });
export type HeartbeatSettings = z.output<typeof heartbeatSettings>;

/** Section `heartbeats`: jobs that must report. */
export const heartbeatsSettings = z.array(heartbeatSettings).superRefine((list, context) => {
  for (const field of ['key', 'name'] as const) {
    const seen = new Set<string>();
    for (const [index, one] of list.entries()) {
      const value = field === 'key' ? one.key : heartbeatName(one);
      if (seen.has(value))
        context.addIssue({ code: 'custom', path: [index, field], message: `"${value}" is used twice` });
      seen.add(value);
    }
  }
});

/** The name a heartbeat goes by. */
export function heartbeatName({ name, key }: { readonly name?: string | undefined; readonly key: string }): string {
  return name ?? key;
}
