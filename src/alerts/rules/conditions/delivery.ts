import { z } from 'zod';
import { compileMatchers } from '../../../model/matcher.ts';
import { conditionKind } from '../condition.ts';
import { matchersOf, matchSetting } from '../matcher-setting.ts';

/** Channels that do not deliver; the value is how many messages in a row they gave up on. */
export const deliveryCondition = conditionKind({
  kind: 'delivery',
  source: 'monitor',
  threshold: { op: 'above', at: 0, recoverAt: 0 },
  schema: z.strictObject({
    kind: z.literal('delivery').describe('A notification channel gave up on messages; the value is how many in a row.'),
    match: matchSetting.optional().describe('Which channels: matchers on `channel`.'),
  }),
  plan(when) {
    const fits = compileMatchers(matchersOf(when.match));
    return {
      sort: 'facts',
      kinds: ['delivery'],
      history: 'deliveries',
      subject: 'messages in a row that a channel gave up on',
      unit: 'messages',
      byClock: false,
      settled: (fact) => fact.seen.lost === 0,
      note(observation, before, now) {
        if (observation.kind !== 'delivery') return undefined;
        const { channel, delivered, summary } = observation;
        if (!fits({ channel })) return undefined;
        const lost = delivered ? 0 : Number(before(channel)?.seen.lost ?? 0) + 1;
        return { key: channel, fact: { labels: { channel }, at: now, seen: { lost, summary } } };
      },
      judge: ({ labels, seen }) => ({
        value: Number(seen.lost),
        message: `Notifications through ${labels.channel} do not arrive: ${seen.summary}`,
        reason: Number(seen.lost) > 0 ? String(seen.summary) : `${labels.channel} delivers again`,
      }),
    };
  },
});
