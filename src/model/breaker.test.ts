import { expect, test } from 'vitest';
import { asBreakerState, type BreakerState, breakerAfter, breakerAt, closedBreaker } from './breaker.ts';

const rules = { failureThreshold: 3, resetMs: 300_000 };
const run = (state: BreakerState, ...steps: readonly (readonly [number, boolean])[]) =>
  steps.reduce((current, [at, good]) => breakerAfter(current, rules, at, good), state);

test('opens after three failures in a row, not after three with a success between', () => {
  expect(run(closedBreaker, [1, false], [2, false], [3, true], [4, false]).kind).toBe('closed');
  expect(run(closedBreaker, [1, false], [2, false], [3, false])).toEqual({ kind: 'open', since: 3, failures: 3 });
});

test('stays open until its time is over, also when a probe succeeds before', () => {
  const open = run(closedBreaker, [1, false], [2, false], [3, false]);
  expect(run(open, [60_000, true]).kind).toBe('open');
  expect(breakerAt(open, rules, 300_002).kind).toBe('open');
  expect(breakerAt(open, rules, 300_003).kind).toBe('half-open');
});

test('one success in half-open closes it, one failure opens it again', () => {
  const open = run(closedBreaker, [1, false], [2, false], [3, false]);
  expect(run(open, [300_100, true])).toEqual(closedBreaker);
  expect(run(open, [300_100, false])).toEqual({ kind: 'open', since: 300_100, failures: 4 });
});

test('does not stay open for ever when the clock goes back', () => {
  const open: BreakerState = { kind: 'open', since: 1_000_000, failures: 3 };
  expect(breakerAt(open, rules, 500).kind).toBe('half-open');
});

test('reads what it wrote, and takes anything else for closed', () => {
  const open: BreakerState = { kind: 'open', since: 5, failures: 4 };
  expect(asBreakerState(JSON.parse(JSON.stringify(open)))).toEqual(open);
  for (const junk of [null, 7, 'open', { kind: 'open' }, { kind: 'exploded', since: 1 }, undefined]) {
    expect(asBreakerState(junk)).toEqual(closedBreaker);
  }
});
