import { describe, expect, test } from 'vitest';
import type { Episode } from '../../model/alert.ts';
import { formatMoment } from '../local-time.ts';
import { checkState, firing } from '../running-server.contract.ts';
import { observedStretches, timeline } from './timeline.ts';
import { summarize } from './verdict.ts';

const now = Date.now();
const since = formatMoment(now - 60_000, now);

describe('the sentence', () => {
  test.each([
    ['nothing', [], [], 'unknown', 'Nothing is being checked yet'],
    ['one fine check', [checkState('system', 'ok')], [], 'ok', 'The only check, system, is fine'],
    ['fine checks', [checkState('system', 'ok'), checkState('api:/a', 'ok')], [], 'ok', 'All 2 checks are fine'],
    [
      'a check not run yet',
      [checkState('system', 'unknown', { last: undefined as never })],
      [],
      'unknown',
      'Waiting for the first result of one check',
    ],
    [
      'a database down',
      [checkState('database:main', 'error')],
      [],
      'error',
      `Database main is down since ${since}: it is error`,
    ],
    [
      'an endpoint that fails',
      [checkState('api:/a', 'error'), checkState('system', 'ok')],
      [],
      'error',
      `Endpoint /a fails since ${since}: it is error`,
    ],
    [
      'a stale check',
      [checkState('api:/a', 'stale')],
      [],
      'unknown',
      `Endpoint /a has not answered the monitor since ${since}`,
    ],
    [
      'an alert without a check',
      [checkState('system', 'ok')],
      [firing()],
      'error',
      `High CPU usage: 95.0 % since ${formatMoment(now - 120_000, now)}`,
    ],
    [
      'a silenced alert',
      [checkState('system', 'ok')],
      [firing({ silencedBy: 's' })],
      'ok',
      'The only check, system, is fine',
    ],
    [
      'a pending alert',
      [checkState('system', 'ok')],
      [firing({ state: 'pending' })],
      'ok',
      'The only check, system, is fine',
    ],
    [
      'two troubles',
      [checkState('api:/a', 'error'), checkState('api:/b', 'warning')],
      [],
      'error',
      `Endpoint /a fails since ${since}: it is error, and one thing more needs attention`,
    ],
  ] as const)('of %s', (_, checks, alerts, verdict, sentence) => {
    const summary = summarize(checks, alerts as readonly Episode[], now);
    expect([summary.verdict, summary.sentence]).toEqual([verdict, sentence]);
  });

  test('names the way that traffic takes, and takes its colour from the alert about it', () => {
    const checks = [
      checkState('database:pooler', 'error', { info: { order: 0 } }),
      checkState('database:direct', 'ok', { info: { order: 1 } }),
    ];
    const calm = summarize(checks, [], now);
    expect(calm).toMatchObject({
      verdict: 'warning',
      sentence: `Database pooler is down since ${since}, traffic runs on direct`,
    });
    const told = summarize(checks, [firing({ labels: { check: 'database:pooler' } })], now);
    expect(told).toMatchObject({ verdict: 'error', sentence: calm.sentence });
    expect(told.details).toHaveLength(1);
  });
});

describe('the timeline', () => {
  const hour = 3_600_000;

  test('has no gaps and no overlaps, and shows what nobody saw as unknown', () => {
    const episodes = [
      firing({ startedAt: 3 * hour, firedAt: 3 * hour, resolvedAt: 5 * hour, state: 'resolved', message: 'A' }),
      firing({
        startedAt: 4 * hour,
        firedAt: 4 * hour,
        resolvedAt: 6 * hour,
        state: 'resolved',
        severity: 'warning',
        message: 'B',
      }),
      firing({ startedAt: 9 * hour, firedAt: 9 * hour, message: 'C' }),
    ];
    const segments = timeline(episodes, [{ from: 2 * hour, to: 10 * hour }], 0, 10 * hour);
    expect(segments.map(({ from, to, verdict }) => [from / hour, to / hour, verdict])).toEqual([
      [0, 2, 'unknown'],
      [2, 3, 'ok'],
      [3, 4, 'error'],
      [4, 5, 'error'],
      [5, 6, 'warning'],
      [6, 9, 'ok'],
      [9, 10, 'error'],
    ]);
    expect(segments[3]!.text).toBe('A (2 h, and 1 more)');
  });

  test('joins neighbouring steps and ends now', () => {
    expect(observedStretches([0, 300, 600, 1500], 300, 1600)).toEqual([
      { from: 0, to: 900 },
      { from: 1500, to: 1600 },
    ]);
  });
});
