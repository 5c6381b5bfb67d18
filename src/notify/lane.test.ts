import { describe, expect, it } from 'vitest';
import type { DeliveryResult } from '../model/notification.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createMemoryStateStore } from '../testing/memory-state-store.ts';
import { busy, delivered, gone, message, scripted, setUp, statesOf } from './delivery.contract.ts';

const hour = 3_600_000;

describe('a channel with a fallback', () => {
  it('hands on what is refused for good, in the same write, once, and names who did not take it', async () => {
    const { clock, state, notifiers, owe } = await setUp((clock) => [
      scripted(clock, 'one', [gone], { fallback: 'two' }),
      scripted(clock, 'two', [delivered]),
    ]);
    await owe(message(clock));
    await clock.advance(hour);
    expect(notifiers.map((each) => each.attempts.length)).toEqual([1, 1]);
    const [copy] = notifiers[1]!.attempts;
    expect(copy!.entry).toMatchObject({ event: 'firing', after: ['one'], channel: 'two' });
    expect(copy!.entry.facts.reason).toContain('because one did not take it');
    expect(statesOf(state)).toEqual(['dead', 'delivered']);
  });

  it('tells it there after four attempts that failed, and goes on trying', async () => {
    const { clock, notifiers, owe } = await setUp((clock) => [
      scripted(clock, 'one', [busy, busy, busy, busy, busy, delivered], { fallback: 'two' }),
      scripted(clock, 'two', [delivered]),
    ]);
    await owe(message(clock));
    await clock.advance(2 * 60_000);
    expect(notifiers[0]!.attempts).toHaveLength(6);
    expect(notifiers[1]!.attempts).toHaveLength(1);
  });

  it('goes through a chain of fallbacks and never in a circle', async () => {
    const { clock, notifiers, owe } = await setUp((clock) => [
      scripted(clock, 'one', [gone], { fallback: 'two' }),
      scripted(clock, 'two', [gone], { fallback: 'three' }),
      scripted(clock, 'three', [gone], { fallback: 'one' }),
    ]);
    await owe(message(clock));
    await clock.advance(24 * hour);
    expect(notifiers.map((each) => each.attempts.length)).toEqual([1, 1, 1]);
  });
});

describe('a channel with a schedule', () => {
  /** Opens an hour after the clock began; critical alerts pass. */
  const night = (clock: { now(): number }, opens: number) => ({
    opensAt: (at: number, severity: string) => (severity === 'critical' || at >= opens ? at : opens),
    clock,
  });

  it('holds messages until it opens, and lets the worst pass', async () => {
    const clock = createFakeClock();
    const opens = clock.now() + hour;
    const { notifiers, owe } = await setUp((clock) => [scripted(clock, 'one', [delivered], night(clock, opens))], {
      clock,
      state: createMemoryStateStore(),
    });
    await owe(message(clock), message(clock, {}, { severity: 'critical' }));
    expect(notifiers[0]!.attempts.map(({ entry }) => entry.facts.severity)).toEqual(['critical']);
    await clock.advance(hour);
    expect(notifiers[0]!.attempts).toHaveLength(2);
  });

  it('tells nothing of what came and went while it was closed', async () => {
    const clock = createFakeClock();
    const state = createMemoryStateStore();
    const opens = clock.now() + hour;
    const { notifiers, owe } = await setUp((clock) => [scripted(clock, 'one', [delivered], night(clock, opens))], {
      clock,
      state,
    });
    const begin = message(clock);
    await owe(begin);
    await owe(message(clock, { episodeId: begin.episodeId, event: 'resolved' }, { status: 'resolved' }));
    await clock.advance(2 * hour);
    expect(notifiers[0]!.attempts).toHaveLength(0);
    expect(statesOf(state)).toEqual(['superseded', 'superseded']);
  });
});

describe('a channel with a rate', () => {
  it('sends a burst at once and the rest one after another, in order', async () => {
    const { clock, notifiers, owe } = await setUp((clock) => [
      scripted(clock, 'one', [delivered], { rate: { burst: 3, perMinute: 60 }, individually: true }),
    ]);
    await owe(...Array.from({ length: 6 }, () => message(clock)));
    expect(notifiers[0]!.attempts).toHaveLength(3);
    await clock.advance(3100);
    const { attempts } = notifiers[0]!;
    expect(attempts.map(({ at }) => at)).toEqual([0, 0, 0, 1000, 2000, 3000]);
    expect(attempts.map(({ entry }) => entry.id)).toEqual(attempts.map(({ entry }) => entry.id).toSorted());
  });
});

describe('a channel that proves its way', () => {
  it('sends a probe when nothing was delivered for so long, and none while messages arrive', async () => {
    const { clock, notifiers, owe } = await setUp((clock) => [
      scripted(clock, 'one', [delivered], { probeEveryMs: 24 * hour }),
    ]);
    await clock.advance(23 * hour);
    await owe(message(clock));
    await clock.advance(23 * hour);
    expect(notifiers[0]!.attempts.map(({ entry }) => entry.event)).toEqual(['firing']);
    await clock.advance(25 * hour);
    expect(notifiers[0]!.attempts.map(({ entry }) => entry.event)).toEqual(['firing', 'probe', 'probe']);
  });

  it('says that the channel is dead when the probe does not arrive', async () => {
    const { clock, outcomes } = await setUp((clock) => [scripted(clock, 'one', [gone], { probeEveryMs: 24 * hour })]);
    await clock.advance(24 * hour);
    expect(outcomes).toEqual([{ channel: 'one', delivered: false, summary: 'POST -> 410' }]);
  });
});

describe('a message that somebody else was sending', () => {
  it('is taken again when the lease has run out, and not before', async () => {
    const { clock, state, notifiers, delivery } = await setUp((clock) => [scripted(clock, 'one', [delivered])]);
    const left = message(clock, { state: 'sending', attempts: 1, leaseUntil: clock.now() + 60_000 });
    await state.commit([{ in: 'outbox', put: left }]);
    delivery.wake();
    await clock.advance(59_000);
    expect(notifiers[0]!.attempts).toHaveLength(0);
    await clock.advance(2000);
    delivery.wake();
    await clock.advance(10);
    expect(notifiers[0]!.attempts.map(({ entry }) => entry.id)).toEqual([left.id]);
  });

  it('carries a lease while it is sent, and none afterwards', async () => {
    const { clock, state, owe } = await setUp((clock) => [
      scripted(clock, 'one', ['hang', delivered], { timeoutMs: 5000 }),
    ]);
    await owe(message(clock));
    expect(state.all('outbox')[0]).toMatchObject({ state: 'sending', leaseUntil: clock.now() + 35_000 });
    await clock.advance(10_000);
    expect(state.all('outbox')[0]).toMatchObject({ state: 'delivered' });
    expect(state.all('outbox')[0]).not.toHaveProperty('leaseUntil');
  });
});

describe('the breaker of a channel', () => {
  it('opens when attempts fail in a row, lets one decide, and closes with what arrives', async () => {
    const { clock, delivery, owe } = await setUp((clock) => [
      scripted(clock, 'one', [busy, busy, busy, delivered], { individually: true }),
    ]);
    const breaker = () => delivery.view.channels()[0]!;
    await owe(message(clock));
    expect(breaker()).toMatchObject({ breaker: 'closed', health: 'failing' });
    await clock.advance(3500);
    expect(breaker().breaker).toBe('open');
    expect(breaker().opensAt).toBeGreaterThan(clock.now());
    await clock.advance(20_000);
    expect(breaker()).toMatchObject({ breaker: 'closed', health: 'ok' });
    expect(breaker()).not.toHaveProperty('opensAt');
  });

  it('leaves the whole channel alone when a 503 names a time', async () => {
    const wait: DeliveryResult = { ...busy, retryAfterMs: 10_000 };
    const { clock, notifiers, owe } = await setUp((clock) => [scripted(clock, 'one', [wait, delivered])]);
    await owe(message(clock));
    await owe(message(clock));
    await clock.advance(9999);
    expect(notifiers[0]!.attempts).toHaveLength(1);
    await clock.advance(1001);
    expect(notifiers[0]!.attempts).toHaveLength(3);
  });
});

describe('a channel that takes lists', () => {
  it('gets everything that is due in few requests, and a receipt for each message', async () => {
    const batches: number[] = [];
    const { clock, state, owe } = await setUp((clock) => [
      scripted(clock, 'one', [delivered], {
        individually: true,
        together: {
          most: 400,
          deliver: (entries) => {
            batches.push(entries.length);
            return Promise.resolve(delivered);
          },
        },
      }),
    ]);
    await owe(...Array.from({ length: 1000 }, () => message(clock)));
    expect(batches).toEqual([400, 400, 200]);
    expect(new Set(statesOf(state))).toEqual(new Set(['delivered']));
    expect(state.all('attempts')).toHaveLength(1000);
  });
});

describe('changes', () => {
  it('are told where they are wanted, are stored, and nowhere else', async () => {
    const { clock, state, notifiers, delivery } = await setUp((clock) => [
      scripted(clock, 'one', [delivered], { changes: true }),
      scripted(clock, 'two', [delivered]),
    ]);
    const line = { id: 'j', at: clock.now(), text: 'Release 2', severity: 'info' } as const;
    delivery.tellChange({ ...line, kind: 'deploy' });
    delivery.tellChange({ ...line, kind: 'silence' });
    await clock.advance(10);
    expect(notifiers.map((each) => each.attempts.map(({ entry }) => entry.facts.message))).toEqual([['Release 2'], []]);
    expect(state.all('outbox')).toMatchObject([{ event: 'change', channel: 'one', state: 'delivered' }]);
  });
});
