import { z } from 'zod';
import { parseMatchers } from '../model/matcher.ts';
import { isMonitorError } from '../model/problem.ts';
import { severities } from '../model/severity.ts';
import { recurrenceProblem } from './recurrence.ts';

const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
const ownZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Matchers as in Alertmanager's configuration, one in each text; all must fit. */
const matcherList = z.array(
  z.string().superRefine((text, context) => {
    try {
      if (parseMatchers(text).length > 0) return;
      context.issues.push({ code: 'custom', message: 'is empty; write e.g. source="database"', input: text });
    } catch (error) {
      const message = isMonitorError(error) ? `${error.message} ${error.hint ?? ''}`.trim() : String(error);
      context.issues.push({ code: 'custom', message, input: text });
    }
  }),
);
const someMatchers = matcherList.min(1, 'must have a matcher, e.g. "source=database"');

const labelName = z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'must be the name of a label, e.g. alert_type or host');
const wallTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day such as 22:00');
const seconds = (fallback: number, most = 604_800) => z.number().min(0).max(most).default(fallback);

/** When a window is open: by cron and length, by times of day, or once. */
const windowShape = {
  name: z.string().min(1).max(100).describe('What people see as the reason.'),
  enabled: z.boolean().default(true).describe('Whether it counts.'),
  cron: z
    .string()
    .optional()
    .describe('When it begins: five fields of cron, e.g. `0 2 * * 6`. With `duration_minutes`.'),
  duration_minutes: z.number().positive().max(44_640).optional().describe('How long it lasts from each beginning.'),
  from: wallTime.optional().describe('Time of day when it begins, e.g. `22:00`. With `to`.'),
  to: wallTime.optional().describe('Time of day when it ends; earlier than `from` means the next day.'),
  days: z.array(z.enum(days)).default([]).describe('Days on which it begins, e.g. `["mon","tue"]`. Empty: every day.'),
  starts_at: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('Moment when it begins, once, e.g. `2026-12-24T22:00:00+01:00`. With `ends_at`.'),
  ends_at: z.iso.datetime({ offset: true }).optional().describe('Moment when it ends.'),
  time_zone: z
    .string()
    .default('')
    .describe('Time zone of the pattern and the times of day, e.g. Europe/Berlin; empty: the zone of this machine.'),
};

type WindowInput = {
  readonly cron?: string | undefined;
  readonly duration_minutes?: number | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly starts_at?: string | undefined;
  readonly ends_at?: string | undefined;
  readonly time_zone: string;
};

function completeWindow(window: WindowInput, context: z.core.$RefinementCtx): void {
  const problem = (path: string[], message: string) =>
    context.issues.push({ code: 'custom', path, message, input: window });
  const pairs = [
    [window.cron, window.duration_minutes],
    [window.from, window.to],
    [window.starts_at, window.ends_at],
  ];
  const given = pairs.filter((pair) => pair.some((part) => part !== undefined));
  if (given.length !== 1 || given[0]!.includes(undefined)) {
    problem([], 'needs cron and duration_minutes, or from and to, or starts_at and ends_at');
    return;
  }
  const timeZone = window.time_zone || ownZone();
  const cron = window.cron ?? '0 0 * * *';
  const wrong = recurrenceProblem({ cron, durationMs: 60_000, timeZone });
  if (wrong) problem([wrong.includes('time zone') ? 'time_zone' : 'cron'], wrong);
  if (window.starts_at && window.ends_at && Date.parse(window.ends_at) <= Date.parse(window.starts_at))
    problem(['ends_at'], 'must be after starts_at');
}

/** What of section `alerts` decides who is told of what, and when. */
export const noiseSettings = {
  group_by: z
    .array(labelName)
    .default([])
    .describe(
      'Alerts with the same values of these labels (their own, `alert_type`, `source`, `severity`, `rule`) are told together: the first at once, the others in summaries. Empty: each is told by itself.',
    ),
  group_wait_seconds: seconds(30).describe('How long after the first alert of a group its first summary comes.'),
  group_interval_seconds: seconds(300).describe(
    'How long after a summary of a group the next one comes, when there is news.',
  ),
  repeat_interval_seconds: seconds(14_400).describe(
    'An alert that nobody acknowledged and that still fires is told again after this time; 0 never repeats.',
  ),
  inhibit_rules: z
    .array(
      z.strictObject({
        name: z.string().max(100).default('').describe('What people see as the reason.'),
        source_matchers: someMatchers.describe('While an alert that fits fires …'),
        target_matchers: someMatchers.describe('… alerts that fit this tell nobody …'),
        equal: z
          .array(labelName)
          .default([])
          .describe('… if these labels have the same values in both. A missing label is an empty one.'),
      }),
    )
    .default([])
    .describe('Alerts that keep others quiet, as in Alertmanager.'),
  quiet_hours: z
    .array(
      z
        .strictObject({
          ...windowShape,
          passes_from: z
            .enum(severities)
            .default('critical')
            .describe('Alerts of this severity and worse are told all the same.'),
          matchers: matcherList.default([]).describe('Only alerts that fit are held back. Empty: all.'),
        })
        .superRefine(completeWindow),
    )
    .default([])
    .describe('Hours in which alerts are held back; when they end, what still matters is told in one summary.'),
  maintenance_windows: z
    .array(
      z
        .strictObject({
          ...windowShape,
          matchers: matcherList.default([]).describe('Which alerts tell nobody. Empty: all.'),
        })
        .superRefine(completeWindow),
    )
    .default([])
    .describe(
      'Planned work: alerts that fit tell nobody while a window is open, and are told at its end if they still fire.',
    ),
  flapping: z
    .strictObject({
      changes: z
        .int()
        .min(0)
        .max(100)
        .default(5)
        .describe('So many begins and ends within the window, and it flaps; 0 never.'),
      window_seconds: seconds(600).describe('How far back changes count.'),
      settle_seconds: seconds(300).describe('How long it must stay as it is before it is told again.'),
    })
    .prefault({})
    .describe('Alerts that come and go: told once as flapping, then when they have settled.'),
  storm: z
    .strictObject({
      at_once: z.int().min(2).max(1000).default(6).describe('So many alerts within half a second are a storm.'),
      per_minute: z
        .int()
        .min(2)
        .max(10_000)
        .default(60)
        .describe('More alerts than this told one by one in a minute are a storm.'),
      first_summary_seconds: seconds(5, 600).describe('Longest wait for the first summary of a storm.'),
      summary_interval_seconds: seconds(30, 3600).describe('Longest wait for each summary after it.'),
    })
    .prefault({})
    .describe('Many alerts at the same time: the first is told at once, the others in summaries.'),
};

/** The values of those settings. */
export type NoiseSettings = z.output<z.ZodObject<typeof noiseSettings>>;
/** A quiet hour or maintenance window as it is set. */
export type WindowSettings = NoiseSettings['maintenance_windows'][number];
