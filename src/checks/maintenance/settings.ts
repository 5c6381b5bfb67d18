import { z } from 'zod';
import { cronProblem, timeZoneProblem } from '../cron.ts';
import { momentOf } from './moment.ts';

/** A cron pattern, refused with its problem in words. */
export const cronText = z.string().superRefine((text, context) => {
  const problem = cronProblem(text);
  if (problem) context.addIssue({ code: 'custom', message: problem });
});

/** The name of a time zone, refused with what is expected. */
export const timeZoneText = z.string().superRefine((text, context) => {
  const problem = timeZoneProblem(text);
  if (problem) context.addIssue({ code: 'custom', message: problem });
});

const windowSettings = z
  .strictObject({
    name: z.string().trim().min(1).max(80).describe('What is being done, e.g. "nightly backup"; shown to people.'),
    enabled: z.boolean().default(true).describe('false leaves this window out.'),
    cron: cronText.optional().describe('When it begins, as a cron pattern of five fields, e.g. "0 2 * * *".'),
    duration_minutes: z
      .number()
      .positive()
      .max(7 * 24 * 60)
      .optional()
      .describe('How long it lasts after each beginning, in minutes. Belongs to cron.'),
    from: z.string().optional().describe('When a single window begins, e.g. "2026-12-24T22:00" or with an offset.'),
    to: z.string().optional().describe('When a single window ends. Belongs to from.'),
    time_zone: timeZoneText
      .optional()
      .describe('Time zone of cron, from and to, e.g. Europe/Berlin. Default: the zone of the machine.'),
    checks: z
      .array(z.string().min(1))
      .default([])
      .describe(
        'Ids or names of the checks it is for; * stands for any text, e.g. "api:/orders*". Without checks and tags: all.',
      ),
    tags: z.array(z.string().min(1)).default([]).describe('Checks with any of these tags.'),
  })
  .superRefine((window, context) => {
    const say = (message: string, key?: string) =>
      context.addIssue({ code: 'custom', message, ...(key ? { path: [key] } : {}) });
    const { cron, duration_minutes, from, to } = window;
    const zone = window.time_zone ?? 'UTC';
    if ((cron === undefined) === (from === undefined))
      return say('needs either cron and duration_minutes, or from and to');
    if (cron !== undefined) {
      if (duration_minutes === undefined) say('needs duration_minutes beside cron');
      if (to !== undefined) say('belongs to from; a window with cron has duration_minutes', 'to');
      return undefined;
    }
    if (to === undefined) return say('needs to beside from');
    if (duration_minutes !== undefined) say('belongs to cron; a window with from has to', 'duration_minutes');
    for (const [key, text] of [
      ['from', from],
      ['to', to],
    ] as const) {
      if (momentOf(text ?? '', zone) === undefined)
        say('is no moment such as 2026-12-24T22:00 or 2026-12-24T22:00+01:00', key);
    }
    const [start, end] = [momentOf(from ?? '', zone), momentOf(to, zone)];
    if (start !== undefined && end !== undefined && end <= start) say('must be after from', 'to');
    return undefined;
  });

/** Section `maintenance_windows`: planned work, during which failures of checks count against nothing. */
export const maintenanceWindowsSettings = z.array(windowSettings);
export type MaintenanceWindowSettings = z.output<typeof windowSettings>;
