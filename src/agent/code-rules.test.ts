import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CodeRules } from './code-rules.ts';
import { AgentCore } from './core.ts';

let core: AgentCore;
let rules: CodeRules;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'], now: 0 });
  core = new AgentCore();
  rules = new CodeRules(core);
});
afterEach(() => vi.useRealTimers());

const metrics = () => core.recorder.take().metrics;

test('rules travel together, a second after the last was defined, and again every minute', () => {
  rules.define({ id: 'a', when: { kind: 'value', series: 'x' }, above: 1 });
  expect(rules.part()).toEqual({});
  rules.define({ id: 'b', when: { kind: 'absence', series: 'x' } });
  vi.advanceTimersByTime(1000);
  expect(rules.part().rules?.map((each) => each.id)).toEqual(['a', 'b']);
  expect(rules.part()).toEqual({});
  vi.advanceTimersByTime(60_000);
  expect(rules.part().rules).toHaveLength(2);
  expect(rules.remove('a')).toBe(true);
  expect(rules.remove('a')).toBe(false);
  vi.advanceTimersByTime(1000);
  expect(rules.part().rules).toEqual([{ id: 'b', when: { kind: 'absence', series: 'x' } }]);
});

test('a process without rules says so after a minute, so that those of an earlier release go', () => {
  expect(rules.part()).toEqual({});
  vi.advanceTimersByTime(60_000);
  expect(rules.part()).toEqual({ rules: [] });
});

test('a function becomes a rule on the number it gives, measured as often as the rule looks', () => {
  let length = 7;
  rules.define({ id: 'queue_long', value: () => length, above: 100, every: '30s' });
  vi.advanceTimersByTime(1000);
  expect(rules.part().rules).toEqual([
    {
      id: 'queue_long',
      above: 100,
      every: '30s',
      when: { kind: 'value', series: 'rule_value', match: { rule: 'queue_long' }, window: 90 },
    },
  ]);
  expect(metrics()).toMatchObject([{ kind: 'gauge', name: 'rule_value', value: 7, labels: { rule: 'queue_long' } }]);
  length = 8;
  vi.advanceTimersByTime(29_000);
  rules.part();
  expect(metrics()).toEqual([]);
  vi.advanceTimersByTime(1000);
  rules.part();
  expect(metrics()).toMatchObject([{ value: 8 }]);
});

test('a function that throws or gives no number is no data, and its error is recorded', () => {
  rules.define({
    id: 'broken',
    value: () => {
      throw new Error('no queue');
    },
    above: 1,
  });
  rules.define({ id: 'nothing', value: () => null, above: 1 });
  rules.part();
  expect(metrics()).toEqual([]);
  expect(core.errors.take().events).toMatchObject([
    { message: 'no queue', context: { place: 'value of rule broken' } },
  ]);
});

test('what cannot be sent is counted', () => {
  rules.define({ id: '' });
  rules.define({ id: 'big', when: { kind: 'value', series: 'x'.repeat(20_000) } });
  vi.advanceTimersByTime(1000);
  expect(rules.part().rules ?? []).toEqual([]);
});
