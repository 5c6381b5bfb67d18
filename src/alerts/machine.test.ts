import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Episode } from '../model/alert.ts';
import type { Severity } from '../model/severity.ts';
import { type Level, levelOf } from './levels.ts';
import { step } from './machine.ts';
import type { Finding, Policy } from './rule.ts';

const birth = { id: 'e', fingerprint: 'f', rule: 'r', alertType: 't', source: 's' };
const finding = (verdict: Finding['verdict'], severity: Severity = 'error'): Finding => ({
  labels: {},
  verdict,
  severity,
  message: 'm',
  reason: 'r',
});

interface Observed {
  readonly verdict: Finding['verdict'];
  readonly severity: 'warning' | 'error';
  /** Time since the previous observation. */
  readonly after: number;
}
const observed: fc.Arbitrary<Observed> = fc.record({
  verdict: fc.constantFrom<Finding['verdict'][]>('bad', 'bad', 'good', 'good', 'unknown', 'over'),
  severity: fc.constantFrom('warning' as const, 'error' as const),
  after: fc.integer({ min: 0, max: 90_000 }),
});
const policies: fc.Arbitrary<Policy> = fc.record({
  failures: fc.integer({ min: 1, max: 4 }),
  recoveries: fc.integer({ min: 1, max: 4 }),
  forMs: fc.constantFrom(0, 0, 60_000),
  keepFiringForMs: fc.constantFrom(0, 0, 60_000),
});

/** Runs the machine as the engine does; gives after each observation the state it is in, `none` without an episode. */
function run(list: readonly Observed[], policy: Policy) {
  let now = 1_000_000;
  let open: Episode | undefined;
  return list.map((each) => {
    now += each.after;
    const next = step(open, birth, finding(each.verdict, each.severity), policy, now);
    if (next) open = next.episode.state === 'resolved' ? undefined : next.episode;
    return { state: open?.state ?? 'none', kind: next?.kind, severity: open?.severity };
  });
}

/** The same in the plainest words: looks back over the whole history at every observation, and remembers only "it fires". */
function naive(list: readonly Observed[], policy: Policy): string[] {
  let firing = false;
  let begin = 0;
  const at: number[] = [];
  let now = 0;
  for (const each of list) {
    now += each.after;
    at.push(now);
  }
  return list.map((each, index) => {
    const past = list.slice(begin, index + 1).map((seen, i) => ({ ...seen, at: at[begin + i]! }));
    const known = past.filter((seen) => seen.verdict !== 'unknown');
    if (each.verdict === 'over') {
      firing = false;
      begin = index + 1;
      return 'none';
    }
    const ofKind = (verdict: string) => {
      let count = 0;
      while (count < known.length && known[known.length - 1 - count]!.verdict === verdict) count += 1;
      return known.slice(known.length - count);
    };
    const bad = ofKind('bad');
    const good = ofKind('good');
    if (!firing) {
      const due = bad.length >= policy.failures && bad.at(-1)!.at - bad[0]!.at >= policy.forMs;
      if (due && each.verdict === 'bad') firing = true;
      return firing ? 'firing' : bad.length > 0 ? 'pending' : 'none';
    }
    const over = good.length >= policy.recoveries && good.at(-1)!.at - good[0]!.at >= policy.keepFiringForMs;
    if (over && each.verdict === 'good') {
      firing = false;
      begin = index + 1;
      return 'none';
    }
    return 'firing';
  });
}

describe('the state machine', () => {
  it('agrees with a model that looks back over the whole history', () => {
    fc.assert(
      fc.property(fc.array(observed, { maxLength: 60 }), policies, (list, policy) => {
        expect(run(list, policy).map((each) => each.state)).toEqual(naive(list, policy));
      }),
      { numRuns: 2000 },
    );
  });

  it('begins and ends in turn: never two begins without an end between them, and no end without a begin', () => {
    fc.assert(
      fc.property(fc.array(observed, { maxLength: 80 }), policies, (list, policy) => {
        let open = false;
        for (const { kind } of run(list, policy)) {
          if (kind === 'firing') {
            expect(open).toBe(false);
            open = true;
          } else if (kind === 'resolved') {
            expect(open).toBe(true);
            open = false;
          } else if (kind === 'escalated' || kind === 'deescalated') expect(open).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('goes on from a stored episode exactly as if it had never been stored', () => {
    fc.assert(
      fc.property(fc.array(observed, { maxLength: 40 }), policies, (list, policy) => {
        let now = 0;
        let open: Episode | undefined;
        const states = list.map((each) => {
          now += each.after;
          const stored = open && (JSON.parse(JSON.stringify(open)) as Episode);
          const next = step(stored, birth, finding(each.verdict, each.severity), policy, now);
          if (next) open = next.episode.state === 'resolved' ? undefined : next.episode;
          return open?.state ?? 'none';
        });
        expect(states).toEqual(run(list, policy).map((each) => each.state));
      }),
    );
  });

  it('raises the severity only after as many worse observations in a row as it takes to fire', () => {
    const policy = { failures: 3, recoveries: 2, forMs: 0, keepFiringForMs: 0 };
    const script = [
      'warning',
      'warning',
      'warning',
      'error',
      'error',
      'warning',
      'error',
      'error',
      'error',
      'warning',
      'warning',
    ] as const;
    const seen = run(
      script.map((severity) => ({ verdict: 'bad', severity, after: 1 })),
      policy,
    );
    expect(seen.map((each) => each.kind ?? '')).toEqual([
      'pending',
      '',
      'firing',
      '',
      '',
      '',
      '',
      '',
      'escalated',
      '',
      'deescalated',
    ]);
  });
});

describe('levels', () => {
  const levels: Level[] = [
    { severity: 'warning', above: 80, recoverAt: 75 },
    { severity: 'error', above: 90, recoverAt: 85 },
  ];

  it('keeps a level between its threshold and its recovery, and starts none there', () => {
    expect(levelOf(78, levels, undefined)).toBeUndefined();
    expect(levelOf(78, levels, 'warning')?.severity).toBe('warning');
    expect(levelOf(87, levels, 'warning')?.severity).toBe('warning');
    expect(levelOf(87, levels, 'error')?.severity).toBe('error');
    expect(levelOf(75, levels, 'error')).toBeUndefined();
  });

  it('changes at most twice while a value trembles around a threshold by less than the hysteresis', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 76, max: 84, noNaN: true }), { minLength: 2, maxLength: 100 }),
        (values) => {
          let before: Severity | undefined;
          let changes = 0;
          for (const value of values) {
            const now = levelOf(value, levels, before)?.severity;
            if (now !== before) changes += 1;
            before = now;
          }
          expect(changes).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});
