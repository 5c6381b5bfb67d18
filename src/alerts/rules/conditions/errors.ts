import { z } from 'zod';
import { formatDuration } from '../../../model/duration.ts';
import { compileMatchers } from '../../../model/matcher.ts';
import { conditionKind, type FactPlan, type Plan } from '../condition.ts';
import { duration, ms } from '../duration-setting.ts';
import { matchersOf, matchSetting } from '../matcher-setting.ts';
import { spike } from './spike.ts';

/** Error groups: a kind of error that was never seen, one that came back, or one that comes much more often than it usually does. */
export const errorsCondition = conditionKind({
  kind: 'errors',
  source: 'errors',
  threshold: { op: 'above', at: 0, recoverAt: 0 },
  everyMs: (when) => (when.change === 'spiking' ? 60_000 : 15_000),
  schema: z.strictObject({
    kind: z.literal('errors').describe('A group of errors is new, came back after it was resolved, or spikes.'),
    change: z.enum(['new', 'regressed', 'spiking']).describe('What must have happened to the group.'),
    match: matchSetting
      .optional()
      .describe('Which groups: matchers on `group` and `type`; for `new` and `regressed` also `title` and `culprit`.'),
    quiet_for: duration(1000)
      .default('1h')
      .describe(
        'For `new` and `regressed`: the alert ends when the error was not seen for so long, or its group is resolved or ignored.',
      ),
    window: duration(1000).default('5m').describe('For `spiking`: the stretch of time that is compared.'),
    baseline: duration(60_000)
      .default('1d')
      .describe('For `spiking`: what is usual, the average over this long before the window.'),
    factor: z.number().gt(1).default(5).describe('For `spiking`: how many times more than usual.'),
    min_events: z
      .int()
      .min(1)
      .default(10)
      .describe('For `spiking`: fewer errors than this within the window are no spike.'),
  }),
  plan: (when): Plan => (when.change === 'spiking' ? spikingPlan(when) : changePlan(when, when.change)),
});

interface ErrorSettings {
  readonly match?: string | Record<string, string> | undefined;
  readonly quiet_for: string | number;
  readonly window: string | number;
  readonly baseline: string | number;
  readonly factor: number;
  readonly min_events: number;
}

function spikingPlan(when: ErrorSettings): Plan {
  const windowMs = ms(when.window);
  const baselineMs = ms(when.baseline);
  return {
    sort: 'series',
    inputs: [
      {
        name: 'error_group_events_total',
        matchers: matchersOf(when.match),
        columns: ['increase'],
        windowMs: windowMs + baselineMs,
      },
    ],
    subject: `errors of a group within ${formatDuration(windowMs)} more than ${when.factor} times as many as usual`,
    unit: 'times as usual',
    measure(group, end, slotMs) {
      const measured = spike(group, end, slotMs, { windowMs, baselineMs, least: when.min_events });
      // The factor stands in the condition, so that it can be read there; the levels of the rule may add to it.
      return measured && measured.value <= when.factor ? { ...measured, value: 0 } : measured;
    },
  };
}

function changePlan(when: ErrorSettings, change: 'new' | 'regressed'): FactPlan {
  const fits = compileMatchers(matchersOf(when.match));
  const quietMs = ms(when.quiet_for);
  return {
    sort: 'facts',
    kinds: ['error'],
    history: 'errors',
    subject:
      change === 'new' ? 'events of an error that was never seen before' : 'events of an error that had been resolved',
    unit: 'events',
    byClock: true,
    note(observation, before, now) {
      if (observation.kind !== 'error') return undefined;
      const { group, what } = observation;
      const key = group.id;
      const known = before(key);
      if (what !== change && !known) return undefined;
      if (!fits({ group: group.id, type: group.type, title: group.title, culprit: group.culprit })) return undefined;
      const settled = group.state === 'resolved' || group.state === 'ignored';
      const fresh = what === change && known === undefined;
      const events = Number(known?.seen.events ?? 0) + (what === 'state' ? 0 : observation.events);
      return {
        key,
        fact: {
          labels: { group: group.id, type: group.type },
          // A state that somebody set is no event.
          at: what === 'state' && known ? known.at : now,
          seen: { title: group.title, culprit: group.culprit, events: fresh ? observation.events : events, settled },
        },
      };
    },
    judge(fact, now) {
      const { title, events, settled, culprit } = fact.seen;
      const over =
        settled === true
          ? 'its group was resolved'
          : now - fact.at >= quietMs
            ? 'it was not seen for a while'
            : undefined;
      if (over !== undefined) return { verdict: 'over', value: 0, message: '', reason: over };
      return {
        value: Number(events),
        message:
          change === 'new'
            ? `New error: ${fact.labels.type}: ${title}`
            : `An error came back: ${fact.labels.type}: ${title}`,
        reason: `${events} ${Number(events) === 1 ? 'event' : 'events'}${culprit === '' ? '' : ` at ${culprit}`}`,
        context: { error_group: fact.labels.group },
      };
    },
  };
}
