import { describe, expect, it } from 'vitest';
import { alertsSettings } from '../settings.ts';
import { readRule } from './rule-list.ts';
import { fillTemplate, readTemplate } from './template.ts';

const good = { id: 'r', when: { kind: 'value', series: 'x' }, above: 1 };
const problems = (rule: unknown) => {
  const read = readRule(rule);
  return 'problems' in read ? read.problems : [];
};

describe('a rule that cannot be used is refused with the place and what is allowed', () => {
  it.each([
    ['an id that is no name', { ...good, id: 'My Rule' }, 'id: must be lower-case letters, digits, _ and -'],
    ['a kind that is unknown', { ...good, when: { kind: 'magic' } }, 'when.kind: '],
    [
      'a series that is no metric',
      { ...good, when: { kind: 'value', series: 'a b' } },
      'when.series: must be the name of a metric',
    ],
    ['a key that is unknown', { ...good, thresold: 1 }, 'thresold'],
    ['a key of another kind', { ...good, when: { kind: 'rate', series: 'x', percentile: 9 } }, 'percentile'],
    [
      'a duration that is none',
      { ...good, for: 'soon' },
      'for: must be a duration like "90s", "5m", "1h30m", or a number of seconds',
    ],
    ['a duration that is too short', { ...good, every: '10ms' }, 'every: must be a duration from 1 s to 1 h'],
    [
      'matchers that cannot be read',
      { ...good, when: { kind: 'value', series: 'x', match: 'of~a' } },
      'when.match: "of~a" is not a matcher.',
    ],
    ['no threshold', { ...good, above: undefined }, 'needs a threshold: one of above, below, equal, or levels'],
    ['two thresholds', { ...good, below: 0 }, 'needs exactly one of above, below, equal (there are above and below)'],
    ['a recovery on the wrong side', { ...good, recover_at: 2 }, 'recover_at: must not be higher than above (1)'],
    [
      'a recovery of nothing',
      { ...good, above: undefined, equal: 1, recover_at: 1 },
      'recover_at: has no meaning with equal',
    ],
    [
      'levels beside a threshold',
      { ...good, levels: [{ severity: 'error', above: 2 }] },
      'above: must not be given together with levels',
    ],
    [
      'a level twice',
      {
        ...good,
        above: undefined,
        levels: [
          { severity: 'error', above: 2 },
          { severity: 'error', above: 3 },
        ],
      },
      'levels.1.severity: is there twice: error',
    ],
    [
      'levels in two directions',
      {
        ...good,
        above: undefined,
        levels: [
          { severity: 'error', above: 2 },
          { severity: 'warning', below: 3 },
        ],
      },
      'levels.1.below: must be "above" like the first level',
    ],
    ['more failures than evaluations', { ...good, failures: 5, out_of: 3 }, 'failures: must be at most out_of (3)'],
    [
      'a template with an unknown name',
      { ...good, summary: '{{ valeu }}' },
      'summary: {{ valeu }} is not known here; there are {{ value }}',
    ],
    [
      'a template that is not closed',
      { ...good, annotations: { a: 'x {{ value' } },
      'annotations.a: "{{" is not closed by "}}"',
    ],
    [
      'a label that alerts do not have',
      { ...good, by: ['queue'], annotations: { a: '{{ labels.host }}' } },
      'annotations.a: {{ labels.host }} is not there: the alerts have the labels queue',
    ],
    ['a runbook that is no address', { ...good, runbook: 'see wiki' }, 'runbook: '],
    [
      'a window that is too long for its steps',
      { ...good, every: '1s', when: { kind: 'value', series: 'x', window: '2d' } },
      'every: must be at least 18 s, because the condition looks 2 d back',
    ],
    [
      'a short window that is not shorter',
      { id: 'r', when: { kind: 'burn_rate', objective: 0.99, windows: [{ long: '1h', short: '2h', factor: 2 }] } },
      'when.windows.0.short: must be shorter than the long window (1h)',
    ],
    ['an objective of a hundred percent', { id: 'r', when: { kind: 'burn_rate', objective: 1 } }, 'when.objective: '],
    [
      'a late job without a time',
      { id: 'r', when: { kind: 'progress', is: 'late' } },
      'when.is: "late" needs `longer_than`',
    ],
  ])('%s', (_, rule, message) => {
    expect(problems(rule).join('\n')).toContain(message);
  });

  it('says everything that is wrong at once', () => {
    expect(
      problems({ id: 'R', when: { kind: 'value', series: '1' }, for: 'x', limit: 0 }).length,
    ).toBeGreaterThanOrEqual(4);
  });

  it('names the rule that has the id already', () => {
    const parsed = alertsSettings.safeParse({ rules: [good, { ...good, id: 'other' }, good] });
    expect(parsed.error?.issues[0]).toMatchObject({
      path: ['rules', 2, 'id'],
      message: 'is the id of rules.0 already: r',
    });
  });

  it('names the built-in rules there are when one to be changed does not exist', () => {
    const parsed = alertsSettings.safeParse({ built_in: { high_cpu: { enabled: false } } });
    expect(JSON.stringify(parsed.error?.issues)).toContain('high_cpu');
  });
});

describe('a rule is complete with little', () => {
  it.each([
    { id: 'r', when: { kind: 'absence', series: 'x' } },
    { id: 'r', when: { kind: 'burn_rate', objective: 0.999 } },
    { id: 'r', when: { kind: 'check' } },
    { id: 'r', when: { kind: 'heartbeat' } },
    { id: 'r', when: { kind: 'event_loop' } },
    { id: 'r', when: { kind: 'errors', change: 'spiking' } },
    { id: 'r', when: { kind: 'delivery' } },
    { id: 'r', when: { kind: 'progress', is: 'stalled' } },
    { id: 'r', when: { kind: 'percentile' }, above: 1 },
    { id: 'r', when: { kind: 'error_rate' }, above: 0.05 },
    { id: 'r', when: { kind: 'spike', series: 'x' } },
  ])('$when.kind', (rule) => {
    expect(problems(rule)).toEqual([]);
  });
});

describe('a template', () => {
  it('is cut, and leaves labels empty that an alert does not have', () => {
    const words = {
      value: '9'.repeat(3000),
      threshold: '',
      unit: '',
      duration: '',
      severity: '',
      reason: '',
      rule: '',
      alert_type: '',
      source: '',
    };
    const filled = fillTemplate(readTemplate('{{labels.constructor}}|{{value}}'), { words, labels: {} });
    expect(filled).toHaveLength(2000);
    expect(filled.startsWith('|999')).toBe(true);
  });

  it('takes what labels hold as text, also when it looks like a template', () => {
    const words = {
      value: '1',
      threshold: '',
      unit: '',
      duration: '',
      severity: '',
      reason: '',
      rule: '',
      alert_type: '',
      source: '',
    };
    expect(fillTemplate(readTemplate('{{ labels.a }}'), { words, labels: { a: '{{ value }}' } })).toBe('{{ value }}');
  });
});
