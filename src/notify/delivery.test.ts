import { describe, expect, it } from 'vitest';
import type { DeliveryResult, OutboxEntry } from '../model/notification.ts';
import { createFakeClock, type FakeClock } from '../testing/fake-clock.ts';
import { createMemoryStateStore } from '../testing/memory-state-store.ts';
import { busy, delivered, gone, message, scripted, setUp, statesOf } from './delivery.contract.ts';

describe('delivery', () => {
  it('sends what is owed at once, in order, and keeps the receipt', async () => {
    const { clock, state, notifiers, delivery, owe } = await setUp((clock) => [scripted(clock, 'one', [delivered])]);
    await owe(message(clock), message(clock));
    expect(notifiers[0]!.attempts.map((each) => each.entry.id)).toEqual(state.all('outbox').map((entry) => entry.id));
    expect(statesOf(state)).toEqual(['delivered', 'delivered']);
    expect(state.all('attempts')).toMatchObject([{ outcome: 'delivered', summary: 'ok' }, { outcome: 'delivered' }]);
    expect(delivery.view.channels()).toMatchObject([
      { name: 'one', health: 'ok', queued: 0, deliveredCount: 2, deadCount: 0 },
    ]);
  });

  it('tries again with growing waits and the same id, until it arrives', async () => {
    const { clock, state, notifiers, delivery, owe } = await setUp((clock) => [
      scripted(clock, 'one', [busy, busy, delivered]),
    ]);
    await owe(message(clock));
    expect(state.all('outbox')[0]).toMatchObject({ state: 'retry', attempts: 1, lastError: 'POST -> 503' });
    expect(delivery.view.channels()[0]).toMatchObject({ health: 'failing', queued: 1, lastError: 'POST -> 503' });
    await clock.advance(10_000);
    const [first, second, third] = notifiers[0]!.attempts;
    expect(second!.at - first!.at).toBeGreaterThanOrEqual(1000);
    expect(third!.at - second!.at).toBeGreaterThanOrEqual(2000);
    expect(new Set(notifiers[0]!.attempts.map((each) => each.entry.id)).size).toBe(1);
    expect(statesOf(state)).toEqual(['delivered']);
    expect(state.all('attempts').map((each) => each.outcome)).toEqual(['retry', 'retry', 'delivered']);
  });

  it.each([0, 1, 7, 120])(
    'honours Retry-After %i: nothing earlier, and then within a second, in order',
    async (seconds) => {
      const limited: DeliveryResult = {
        outcome: 'retry',
        reason: 'rate-limited',
        summary: '429',
        retryAfterMs: seconds * 1000,
      };
      const { clock, notifiers, owe } = await setUp((clock) => [scripted(clock, 'one', [limited, delivered])]);
      await owe(message(clock));
      const rest = [message(clock), message(clock)];
      await owe(...rest);
      await clock.advance(seconds * 1000 + 1000);
      const [first, ...later] = notifiers[0]!.attempts;
      expect(later).toHaveLength(3);
      for (const each of later) {
        expect(each.at - first!.at).toBeGreaterThanOrEqual(seconds * 1000);
        expect(each.at - first!.at).toBeLessThanOrEqual((seconds + 1) * 1000);
      }
      expect(later.map((each) => each.entry.id)).toEqual([first!.entry.id, ...rest.map((entry) => entry.id)]);
    },
  );

  it('does not repeat what was refused for good, and says so', async () => {
    const { clock, state, notifiers, outcomes, owe } = await setUp((clock) => [scripted(clock, 'one', [gone])]);
    await owe(message(clock));
    await clock.advance(3_600_000);
    expect(notifiers[0]!.attempts).toHaveLength(1);
    expect(statesOf(state)).toEqual(['dead']);
    expect(outcomes).toEqual([{ channel: 'one', delivered: false, summary: 'POST -> 410' }]);
  });

  it('leaves a channel alone for a while after it refused the login', async () => {
    const refused: DeliveryResult = { outcome: 'final', reason: 'auth', summary: '401' };
    const { clock, notifiers, owe } = await setUp((clock) => [scripted(clock, 'one', [refused, delivered])]);
    await owe(message(clock));
    await owe(message(clock), message(clock));
    await clock.advance(299_000);
    expect(notifiers[0]!.attempts).toHaveLength(1);
    await clock.advance(2000);
    expect(notifiers[0]!.attempts).toHaveLength(3);
  });

  it('is not held up by a channel that hangs', async () => {
    const { clock, notifiers, owe } = await setUp((clock) => [
      scripted(clock, 'one', ['hang'], { timeoutMs: 10_000 }),
      scripted(clock, 'two', [delivered]),
    ]);
    await owe(message(clock), message(clock, { channel: 'two' }));
    expect(notifiers[1]!.attempts).toHaveLength(1);
    await clock.advance(9999);
    expect(notifiers[0]!.attempts).toHaveLength(1);
    await clock.advance(3000);
    expect(notifiers[0]!.attempts).toHaveLength(2);
  });

  it('gives a message up after a day and tells through whom it failed after four attempts', async () => {
    const { clock, state, notifiers, outcomes, owe } = await setUp((clock) => [scripted(clock, 'one', [busy])]);
    await owe(message(clock));
    await clock.advance(20_000);
    expect(outcomes).toEqual([{ channel: 'one', delivered: false, summary: 'POST -> 503' }]);
    await clock.advance(25 * 3_600_000);
    expect(statesOf(state)).toEqual(['dead']);
    expect(notifiers[0]!.attempts.length).toBeLessThan(350);
  });

  it('turns a notifier that throws into a refusal', async () => {
    const { clock, state, notifiers, owe } = await setUp((clock) => [scripted(clock, 'one', [delivered])]);
    notifiers[0]!.deliver = () => {
      throw new Error('bug');
    };
    await owe(message(clock));
    expect(state.all('outbox')).toMatchObject([{ state: 'dead', lastError: expect.stringContaining('bug') }]);
  });
});

describe('after a crash', () => {
  it('sends what was queued, waiting for another attempt or in the middle of one, with the same ids', async () => {
    const clock = createFakeClock();
    const state = createMemoryStateStore();
    const left = (['queued', 'sending', 'retry', 'delivered', 'dead'] as const).map((each) =>
      message(clock, { state: each }),
    );
    await state.commit(left.map((put) => ({ in: 'outbox', put })));
    const { notifiers } = await setUp((clock) => [scripted(clock, 'one', [delivered])], { clock, state });
    expect(notifiers[0]!.attempts.map((each) => each.entry.id)).toEqual(left.slice(0, 3).map((entry) => entry.id));
  });

  it('waits with a message of unknown fate where the receiver cannot tell repetitions', async () => {
    const clock = createFakeClock();
    const state = createMemoryStateStore();
    await state.commit([{ in: 'outbox', put: message(clock, { state: 'sending', attempts: 1 }) }]);
    const { notifiers } = await setUp((clock) => [scripted(clock, 'one', [delivered], { ambiguousWaitMs: 60_000 })], {
      clock,
      state,
    });
    await clock.advance(59_000);
    expect(notifiers[0]!.attempts).toHaveLength(0);
    await clock.advance(1000);
    expect(notifiers[0]!.attempts).toHaveLength(1);
  });

  it('marks messages to a channel that is gone as expired', async () => {
    const clock = createFakeClock();
    const state = createMemoryStateStore();
    await state.commit([{ in: 'outbox', put: message(clock, { channel: 'old' }) }]);
    await setUp((clock) => [scripted(clock, 'one', [delivered])], { clock, state });
    expect(statesOf(state)).toEqual(['expired']);
  });

  it('does not wait for ever for a message whose time lies in the future because the clock was set back', async () => {
    const clock = createFakeClock();
    const state = createMemoryStateStore();
    const future = clock.now() + 365 * 86_400_000;
    await state.commit([{ in: 'outbox', put: message(clock, { state: 'retry', createdAt: future, dueAt: future }) }]);
    const { notifiers } = await setUp((clock) => [scripted(clock, 'one', [delivered])], { clock, state });
    await clock.advance(3_600_000);
    expect(notifiers[0]!.attempts).toHaveLength(1);
  });

  it('stops in the middle of an attempt without counting it, and tries again at the next start', async () => {
    const first = await setUp((clock) => [scripted(clock, 'one', ['hang'])]);
    await first.owe(message(first.clock));
    const stopping = first.delivery.stop();
    await first.clock.advance(2000);
    await stopping;
    expect(statesOf(first.state)).toEqual(['sending']);
    const second = await setUp((clock) => [scripted(clock, 'one', [delivered])], first);
    expect(second.notifiers[0]!.attempts).toHaveLength(1);
  });
});

describe('news that overtake each other', () => {
  it('sends one message, the end, when an alert is over before its first message left', async () => {
    const { clock, state, notifiers, owe } = await setUp((clock) => [scripted(clock, 'one', [busy, delivered])]);
    const firing = message(clock);
    await owe(firing);
    await owe(message(clock, { episodeId: firing.episodeId, event: 'resolved' }, { status: 'resolved' }));
    await clock.advance(60_000);
    expect(notifiers[0]!.attempts.map((each) => each.entry.event)).toEqual(['firing', 'resolved']);
    expect(statesOf(state)).toEqual(['superseded', 'delivered']);
  });

  it('begins the same problem at most once in the throttle time, and then tells it if it still goes on', async () => {
    const { clock, notifiers, owe } = await setUp((clock) => [
      scripted(clock, 'one', [delivered], { throttleMs: 300_000 }),
    ]);
    const same = { labels: { disk: '/' } };
    await owe(message(clock, {}, same));
    await clock.advance(60_000);
    await owe(message(clock, {}, same), message(clock, {}, { labels: { disk: '/other' } }));
    expect(notifiers[0]!.attempts.map((each) => each.entry.facts.labels.disk)).toEqual(['/', '/other']);
    await clock.advance(239_000);
    expect(notifiers[0]!.attempts).toHaveLength(2);
    await clock.advance(1000);
    expect(notifiers[0]!.attempts).toHaveLength(3);
  });

  it('tells nothing of an alert that came and went while it was throttled', async () => {
    const { clock, state, notifiers, owe } = await setUp((clock) => [
      scripted(clock, 'one', [delivered], { throttleMs: 300_000 }),
    ]);
    const same = { labels: { disk: '/' } };
    await owe(message(clock, {}, same));
    const second = message(clock, {}, same);
    await owe(second);
    await owe(message(clock, { episodeId: second.episodeId, event: 'resolved' }, { ...same, status: 'resolved' }));
    await clock.advance(600_000);
    expect(notifiers[0]!.attempts).toHaveLength(1);
    expect(statesOf(state)).toEqual(['delivered', 'superseded', 'superseded']);
  });

  it('hides neither an escalation nor an end behind the throttle, also across a restart', async () => {
    const first = await setUp((clock) => [scripted(clock, 'one', [delivered], { throttleMs: 300_000 })]);
    const begin = message(first.clock);
    await first.owe(begin);
    const { clock, notifiers, owe } = await setUp(
      (clock) => [scripted(clock, 'one', [delivered], { throttleMs: 300_000 })],
      first,
    );
    const same = { labels: begin.facts.labels };
    await owe(message(clock, { episodeId: begin.episodeId, event: 'escalated' }, { ...same, severity: 'critical' }));
    await owe(message(clock, { episodeId: begin.episodeId, event: 'resolved' }, { ...same, status: 'resolved' }));
    await owe(message(clock, {}, same));
    expect(notifiers[0]!.attempts.map((each) => each.entry.event)).toEqual(['escalated', 'resolved']);
  });
});

describe('a crowd of alerts', () => {
  const storm = (clock: FakeClock, count: number, change: Partial<OutboxEntry> = {}, facts = {}) =>
    Array.from({ length: count }, () => message(clock, change, facts));

  it('becomes at most three messages per channel however many there are, and every one of them is accounted for', async () => {
    const { clock, state, notifiers, owe } = await setUp((clock) => [scripted(clock, 'one', [delivered])]);
    for (let batch = 0; batch < 10; batch++) {
      await owe(...storm(clock, 1000));
      await clock.advance(100);
    }
    await clock.advance(60_000);
    const summaries = notifiers[0]!.attempts.map((each) => each.entry);
    expect(summaries.length).toBeLessThanOrEqual(3);
    expect(summaries.every((entry) => entry.event === 'summary')).toBe(true);
    expect(summaries.reduce((sum, entry) => sum + entry.facts.value!, 0)).toBe(10_000);
    expect(JSON.stringify(summaries[0]).length).toBeLessThan(60_000);
    const told = state.all('outbox').filter((entry) => entry.lastError?.startsWith('told in summary'));
    expect(told).toHaveLength(10_000);
  });

  it('names counts and types, worst first in severity, and is over when all of it is', async () => {
    const { clock, notifiers, owe } = await setUp((clock) => [scripted(clock, 'one', [delivered])]);
    await owe(...storm(clock, 7), ...storm(clock, 2, {}, { alertType: 'slow_api_response', severity: 'critical' }));
    await clock.advance(5000);
    await owe(...storm(clock, 8, { event: 'resolved' }, { status: 'resolved' }));
    await clock.advance(5000);
    const [fire, over] = notifiers[0]!.attempts.map((each) => each.entry.facts);
    expect(fire).toMatchObject({
      alertType: 'alert_summary',
      status: 'firing',
      severity: 'critical',
      message: '9 alerts fire: high_cpu_usage (7), slow_api_response (2)',
    });
    expect(over).toMatchObject({ status: 'resolved', message: '8 alerts are over: high_cpu_usage (8)' });
  });

  it('is told one by one where every alert needs its own end, and below the size of a crowd', async () => {
    const { clock, notifiers, owe } = await setUp((clock) => [
      scripted(clock, 'one', [delivered], { individually: true }),
      scripted(clock, 'two', [delivered]),
    ]);
    await owe(...storm(clock, 20), ...storm(clock, 5, { channel: 'two' }));
    expect(notifiers.map((each) => each.attempts.length)).toEqual([20, 5]);
  });

  it('sends its summary after a crash that came before it left', async () => {
    const first = await setUp((clock) => [scripted(clock, 'one', ['hang'])]);
    await first.owe(...storm(first.clock, 50));
    const { notifiers } = await setUp((clock) => [scripted(clock, 'one', [delivered])], first);
    expect(notifiers[0]!.attempts.map((each) => [each.entry.event, each.entry.facts.value])).toEqual([['summary', 50]]);
    expect(notifiers[0]!.attempts[0]!.entry.id).toBe(first.notifiers[0]!.attempts[0]!.entry.id);
  });
});

describe('the view', () => {
  it('sends a test through one channel, and knows no other', async () => {
    const { notifiers, delivery, state } = await setUp((clock) => [scripted(clock, 'one', [delivered])]);
    expect(await delivery.view.test('one')).toEqual(delivered);
    expect(notifiers[0]!.attempts[0]!.entry).toMatchObject({
      event: 'test',
      facts: { alertType: 'test_notification' },
    });
    expect(await delivery.view.test('two')).toBeUndefined();
    expect(state.all('attempts')).toHaveLength(1);
    expect(state.all('outbox')).toHaveLength(0);
  });

  it('finds messages that only the store knows', async () => {
    const { clock, state, notifiers, delivery } = await setUp((clock) => [scripted(clock, 'one', [delivered])]);
    await state.commit([{ in: 'outbox', put: message(clock) }]);
    delivery.wake();
    await clock.advance(0);
    await clock.advance(0);
    expect(notifiers[0]!.attempts).toHaveLength(1);
  });

  it('delivers from memory while the disk is full, and stores it afterwards', async () => {
    const { clock, state, notifiers, delivery, owe } = await setUp((clock) => [scripted(clock, 'one', [delivered])]);
    state.failWith(new Error('full'));
    delivery.take([message(clock)], false);
    await clock.advance(0);
    expect(notifiers[0]!.attempts).toHaveLength(1);
    expect(statesOf(state)).toEqual([]);
    state.failWith(undefined);
    await owe(message(clock));
    expect(statesOf(state)).toEqual(['delivered', 'delivered']);
  });
});
