import fc from 'fast-check';
import { expect, it } from 'vitest';
import { startRules } from './rule-harness.contract.ts';

/** The whole of a rule in the simplest way: look at every evaluation anew, over everything that was. */
function naive(
  values: readonly (number | null)[],
  rule: { for: number; keep: number; failures: number; recoveries: number },
) {
  const every = 5;
  const steps: string[] = [];
  let badSince: number | undefined;
  let bads = 0;
  let goods = 0;
  let goodSince: number | undefined;
  let firing = false;
  for (let at = every; at <= values.length; at += every) {
    // A value counts in the second in which it was measured; the newest of the last 20 s is judged.
    const recent = values.slice(Math.max(0, at - 20), at).filter((value) => value !== null);
    const newest = recent.at(-1);
    if (newest === undefined || newest === null) continue;
    const isBad = firing ? newest > 3 : newest > 5;
    if (isBad) {
      badSince ??= at;
      bads += 1;
      goods = 0;
      goodSince = undefined;
      if (!firing && bads >= rule.failures && at - badSince >= rule.for) {
        firing = true;
        steps.push(`firing ${at}`);
      }
      continue;
    }
    if (!firing) {
      badSince = undefined;
      bads = 0;
      continue;
    }
    goods += 1;
    goodSince ??= at;
    if (goods >= rule.recoveries && at - goodSince >= rule.keep) {
      firing = false;
      badSince = undefined;
      bads = 0;
      goods = 0;
      goodSince = undefined;
      steps.push(`resolved ${at}`);
    }
  }
  return steps;
}

it('fires and ends exactly when a naive model of the rule does', { timeout: 60_000 }, async () => {
  const values = fc.array(fc.option(fc.integer({ min: 0, max: 9 }), { nil: null, freq: 5 }), {
    minLength: 50,
    maxLength: 200,
  });
  const policy = fc.record({
    for: fc.constantFrom(0, 5, 15),
    keep: fc.constantFrom(0, 10),
    failures: fc.integer({ min: 1, max: 3 }),
    recoveries: fc.integer({ min: 1, max: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(values, policy, async (list, rule) => {
      const harness = await startRules([
        {
          id: 'r',
          when: { kind: 'value', series: 'x', window: '20s' },
          above: 5,
          recover_at: 3,
          every: 5,
          for: rule.for,
          keep_firing_for: rule.keep,
          failures: rule.failures,
          recoveries: rule.recoveries,
        },
      ]);
      const from = harness.clock.now();
      await harness.pass(list.length, (second) => {
        const value = list[second];
        if (typeof value === 'number') harness.gauge('x', value);
      });
      const steps = harness.state
        .all('transitions')
        .filter((each) => each.kind === 'firing' || each.kind === 'resolved')
        .map((each) => `${each.kind} ${(each.at - from) / 1000}`);
      expect(steps).toEqual(naive(list, rule));
    }),
    { numRuns: 100 },
  );
});
