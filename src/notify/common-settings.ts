import { z } from 'zod';
import { parseMatchers } from '../model/matcher.ts';
import { isMonitorError } from '../model/problem.ts';
import { severities } from '../model/severity.ts';
import { scheduleSettings } from './schedule-settings.ts';

type SeverityWord = (typeof severities)[number];

/** The keys that every channel has. `enabled` is off unless the channel says otherwise. */
const commonSettings = (enabled: boolean, minSeverity: SeverityWord) => ({
  enabled: z.boolean().default(enabled).describe('Whether this channel is used.'),
  min_severity: z.enum(severities).default(minSeverity).describe('Alerts milder than this are not told here.'),
  throttle_seconds: z
    .number()
    .min(0)
    .max(604_800)
    .default(300)
    .describe('The same alert begins at most once in this time; escalations and ends always pass.'),
  include_context: z.boolean().default(true).describe('Whether the context of the alert is sent along.'),
  match: z
    .array(z.string().superRefine(isMatcherList))
    .default([])
    .describe(
      'Only alerts that fit one of these are told here, e.g. `source="database",severity=~"error|critical"`; matchers in one text must all fit. Empty: all.',
    ),
  template: z
    .string()
    .max(2000)
    .optional()
    .describe(
      'Sentence to send in place of the message: `{{message}}`, `{{severity}}`, `{{labels.host}}` and the like are replaced, nothing else is understood.',
    ),
  schedule: scheduleSettings.optional().describe('When messages may leave. Without it always.'),
  fallback: z
    .string()
    .min(1)
    .optional()
    .describe('Name of the channel that is told instead of this one when it refuses a message or keeps failing.'),
  rate_limit_per_minute: z
    .number()
    .positive()
    .max(60_000)
    .optional()
    .describe('Most messages a minute; what the receiver takes when it is not given.'),
  probe_interval_hours: z
    .number()
    .min(0)
    .max(8760)
    .default(0)
    .describe('Sends a message that proves the way when nothing was delivered for so long; 0 never does.'),
});

/** What every channel's settings hold. */
export type CommonSettings = z.output<z.ZodObject<ReturnType<typeof commonSettings>>>;

/** A name that can be used in `fallback`, in escalations and on the command line. */
const channelName = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,59}$/, 'must be small letters, digits, _ and -, and begin with a letter')
  .describe('Name of this channel, used by `fallback`, by escalations and on the command line.');

/**
 * The two schemas of a kind of channel: `section` for its own key in `notifications`, `entry` for `notifications.channels[]`, where there
 * can be several. `needs` are the keys it cannot do without while it is enabled.
 */
export function channelSettings<K extends string, S extends z.core.$ZodLooseShape>(
  type: K,
  own: S,
  more: { needs?: readonly (keyof S & string)[]; enabled?: boolean; minSeverity?: SeverityWord } = {},
) {
  const { needs = [], enabled = false, minSeverity = 'warning' } = more;
  const complete = (value: unknown, context: z.core.$RefinementCtx): void => {
    const given = value as Readonly<Record<string, unknown>>;
    if (given['enabled'] !== true) return;
    for (const key of needs) {
      const empty = given[key] === '' || (Array.isArray(given[key]) && given[key].length === 0);
      if (!empty) continue;
      context.issues.push({
        code: 'custom',
        path: [key],
        message: 'is needed while this channel is enabled',
        input: given[key],
      });
    }
  };
  const section = z.strictObject({ ...commonSettings(enabled, minSeverity), ...own });
  const entry = z.strictObject({
    type: z.literal(type).describe('Kind of channel.'),
    name: channelName,
    ...commonSettings(true, minSeverity),
    ...own,
  });
  return { section: section.superRefine(complete), entry: entry.superRefine(complete) };
}

function isMatcherList(text: string, context: z.core.$RefinementCtx<string>): void {
  try {
    if (parseMatchers(text).length > 0) return;
    context.issues.push({ code: 'custom', message: 'is empty; write e.g. source="database"', input: text });
  } catch (error) {
    const message = isMonitorError(error) ? `${error.message} ${error.hint ?? ''}`.trim() : String(error);
    context.issues.push({ code: 'custom', message, input: text });
  }
}
