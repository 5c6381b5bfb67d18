import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Sketch } from '../../model/sketch.ts';
import { type RuleHarness, startRules } from './rule-harness.contract.ts';

/** What both ways must agree on. */
interface Occurrence {
  readonly labels: Readonly<Record<string, string>>;
  readonly startedAt: number;
  readonly firedAt?: number;
  readonly resolvedAt?: number;
}

function sorted(list: readonly Occurrence[]): string[] {
  return list
    .map(({ labels, startedAt, firedAt, resolvedAt }) => JSON.stringify({ labels, startedAt, firedAt, resolvedAt }))
    .sort();
}

/** Runs a rule live over made-up points, and then over what was stored of them. */
async function compare(rule: { id: string }, seconds: number, each: (harness: RuleHarness, second: number) => void) {
  const harness = await startRules([rule]);
  const from = harness.clock.now();
  await harness.pass(seconds, (second) => each(harness, second));
  const preview = await harness.preview(rule, from);
  return {
    live: sorted(harness.fired(rule.id)),
    rehearsed: sorted(preview.episodes),
    preview,
  };
}

const patience = fc.record({
  for: fc.constantFrom(0, 10, '20s'),
  keep_firing_for: fc.constantFrom(0, 15),
  failures: fc.integer({ min: 1, max: 3 }),
  recoveries: fc.integer({ min: 1, max: 2 }),
  no_data: fc.constantFrom('ok', 'alert', 'keep', 'unknown'),
});

/** Values of two series over time; null = no point in that second. */
const walk = fc.array(fc.option(fc.integer({ min: 0, max: 10 }), { nil: null, freq: 4 }), {
  minLength: 60,
  maxLength: 150,
});

describe('a rule that runs live and its preview over the stored history', () => {
  it('agree on every alert of rules on values, whatever the points and the policy', { timeout: 60_000 }, async () => {
    const aggregate = fc.constantFrom('last', 'avg', 'min', 'max', 'sum', 'count');
    await fc.assert(
      fc.asyncProperty(patience, aggregate, walk, walk, async (policy, aggregate, one, two) => {
        const rule = {
          id: 'p',
          when: { kind: 'value', series: 'x', aggregate, window: '20s' },
          levels: [
            { severity: 'warning', above: 5, recover_at: 4 },
            { severity: 'critical', above: 8 },
          ],
          every: 5,
          ...policy,
        };
        const { live, rehearsed } = await compare(rule, one.length, (harness, second) => {
          const [a, b] = [one[second], two[second]];
          if (typeof a === 'number') harness.gauge('x', a, { of: 'one' });
          if (typeof b === 'number') harness.gauge('x', b, { of: 'two' });
        });
        expect(rehearsed).toEqual(live);
      }),
      { numRuns: 60 },
    );
  });

  it('agree on rules on growth, on shares of failures and on budgets', { timeout: 60_000 }, async () => {
    const when = fc.constantFrom(
      { kind: 'rate', series: 'errors', window: '20s' },
      { kind: 'spike', series: 'errors', window: '10s', baseline: '60s', min_events: 2 },
      {
        kind: 'error_rate',
        errors: { series: 'errors' },
        total: { series: 'all' },
        window: '20s',
        min_events: 3,
      },
    );
    const counts = fc.array(fc.tuple(fc.nat(3), fc.nat(3), fc.boolean()), { minLength: 80, maxLength: 150 });
    await fc.assert(
      fc.asyncProperty(when, patience, counts, async (when, policy, steps) => {
        const rule = { id: 'p', when, above: 0.4, recover_at: 0.2, every: 5, ...policy };
        let errors = 0;
        let all = 0;
        const { live, rehearsed } = await compare(rule, steps.length, (harness, second) => {
          const [bad, good, restarted] = steps[second]!;
          if (restarted && second % 40 === 7) [errors, all] = [0, 0];
          errors += bad;
          all += bad + good;
          harness.counter('errors', errors);
          harness.counter('all', all);
        });
        expect(rehearsed).toEqual(live);
      }),
      { numRuns: 60 },
    );
  });

  it('agree on rules on percentiles and on absence', { timeout: 60_000 }, async () => {
    const when = fc.constantFrom(
      { rule: { when: { kind: 'percentile', series: 'd', percentile: 90, window: '2m' }, above: 0.5 } },
      { rule: { when: { kind: 'absence', series: 'd', window: '1m' } } },
    );
    const minutes = fc.array(fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { maxLength: 4 }), {
      minLength: 6,
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(when, minutes, async ({ rule: condition }, durations) => {
        const rule = { id: 'p', every: '60s', ...condition };
        const { live, rehearsed } = await compare(rule, durations.length * 60, (harness, second) => {
          const values = durations[Math.floor(second / 60)]!;
          if (second % 60 >= values.length) return;
          const sketch = new Sketch();
          sketch.record(values[second % 60]!);
          harness.series.appendSketches([{ name: 'd', labels: {}, at: harness.clock.now(), sketch }]);
        });
        expect(rehearsed).toEqual(live);
      }),
      { numRuns: 40 },
    );
  });

  it('agrees also across a restart of the monitor', async () => {
    const rule = { id: 'p', when: { kind: 'value', series: 'x', window: '1m' }, above: 5, for: '30s', every: 5 };
    const harness = await startRules([rule]);
    const from = harness.clock.now();
    await harness.pass(20, () => harness.gauge('x', 9));
    await harness.restart();
    await harness.pass(40, () => harness.gauge('x', 9));
    await harness.pass(20, () => harness.gauge('x', 1));
    const { episodes } = await harness.preview(rule, from);
    expect(episodes).toHaveLength(1);
    expect(sorted(episodes)).toEqual(sorted(harness.fired('p')));
  });
});

describe('a preview', () => {
  it('says when, how bad, how long and how much, and stores and tells nothing', async () => {
    const harness = await startRules([]);
    const from = harness.clock.now();
    await harness.pass(60, () => harness.gauge('cpu', 0.5));
    await harness.pass(60, () => harness.gauge('cpu', 0.95));
    await harness.pass(60, () => harness.gauge('cpu', 0.99));
    await harness.pass(60, () => harness.gauge('cpu', 0.1));
    const before = harness.state.all('episodes').length;
    const preview = await harness.preview(
      {
        id: 'busy',
        when: { kind: 'value', series: 'cpu' },
        levels: [
          { severity: 'warning', above: 0.9 },
          { severity: 'critical', above: 0.98 },
        ],
      },
      from,
    );
    expect(preview.episodes).toMatchObject([{ severity: 'critical', peak: 0.99, labels: {} }]);
    const [episode] = preview.episodes;
    expect(episode!.firedAt - from).toBe(75_000);
    expect(episode!.resolvedAt! - from).toBe(195_000);
    expect(preview).toMatchObject({ evaluations: 16, expectedEvaluations: 16, tier: 'raw', notes: [] });
    expect(preview.lines[0]!.values.length).toBeGreaterThan(10);
    expect(harness.state.all('episodes').length).toBe(before);
    expect(harness.owed).toEqual([]);
  });

  it('does not judge times in which the monitor did not run, and says how much that was', async () => {
    const harness = await startRules([]);
    const from = harness.clock.now();
    await harness.pass(120, () => harness.gauge('x', 1));
    await harness.clock.advance(360_000);
    await harness.pass(120, () => harness.gauge('x', 1));
    const preview = await harness.preview({ id: 'gone', when: { kind: 'absence', series: 'x', window: '1m' } }, from);
    expect(preview.episodes).toEqual([]);
    expect(preview.evaluations).toBeLessThan(preview.expectedEvaluations / 2);
    expect(preview.notes.join()).toMatch(/ran during \d+ % of this time/);
  });

  it('names every problem of a rule that cannot be used', async () => {
    const harness = await startRules([]);
    const wrong = { id: 'Bad Id', when: { kind: 'value', series: 'x', window: 'soon' } };
    await expect(harness.preview(wrong, 0)).rejects.toThrow(/id: .*lower-case.*when\.window: must be a duration/);
  });
});
