import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeliveryResult, OutboxEntry } from '../model/notification.ts';
import { createFakeClock, type FakeClock } from '../testing/fake-clock.ts';
import { createMemoryStateStore, type MemoryStateStore } from '../testing/memory-state-store.ts';
import { delivered, message, type Scripted, scripted, setUp } from './delivery.contract.ts';

type Answer = DeliveryResult | 'hang';
const retry = (more: object = {}): DeliveryResult => ({ outcome: 'retry', reason: 'refused', summary: 'no', ...more });
const answers: readonly Answer[] = [
  delivered,
  delivered,
  retry(),
  retry({ reason: 'rate-limited', retryAfterMs: 45_000 }),
  retry({ reason: 'timeout' }),
  { outcome: 'final', reason: 'invalid', summary: 'never' },
  { outcome: 'final', reason: 'auth', summary: 'who are you' },
  'hang',
];

/** What can happen: an alert takes its next step, time passes, or the monitor is killed and starts again. */
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('alert' as const), episode: fc.nat({ max: 5 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(10, 1500, 60_000, 900_000) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'kill' as const }) },
);
const life = ['firing', 'escalated', 'resolved'] as const;
/** Long enough for every wait there is: the pause of a refused login, a day of attempts. */
const patienceMs = 30 * 3_600_000;

interface Told {
  readonly at: number;
  readonly entry: OutboxEntry;
  readonly result: Answer;
}

/** One run of the monitor; once it is over, nothing that is left of it can write or send. */
interface Run {
  alive: boolean;
}

const never = () => new Promise<never>(() => undefined);

/** The store as a run sees it. */
const storeOf = (state: MemoryStateStore, run: Run): MemoryStateStore => ({
  ...state,
  commit: (changes) => (run.alive ? state.commit(changes) : never()),
});

/** The channel of one run: answers from the script, then well; writes down everything. */
function channel(clock: FakeClock, script: Answer[], told: Told[], run: Run): Scripted {
  const inner = scripted(clock, 'one', [delivered], { timeoutMs: 20_000, individually: true });
  return {
    ...inner,
    deliver(entry) {
      if (!run.alive) return never();
      const result = script.shift() ?? delivered;
      told.push({ at: clock.monotonic(), entry, result });
      return result === 'hang' ? never() : Promise.resolve(result);
    },
  };
}

describe('delivery, whatever happens', () => {
  it('ends every message, tells the last word of every alert, repeats nothing that arrived and keeps every wait', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 25 }),
        fc.array(fc.constantFrom(...answers), { maxLength: 25 }),
        async (steps, script) => {
          const clock = createFakeClock();
          const state = createMemoryStateStore();
          const told: Told[] = [];
          let run: Run = { alive: true };
          const start = () => {
            run = { alive: true };
            return setUp((clock) => [channel(clock, script, told, run)], { clock, state: storeOf(state, run) });
          };
          let { owe } = await start();
          const stage = new Map<number, number>();
          const round = new Map<number, number>();
          for (const each of steps) {
            if (each.kind === 'wait') await clock.advance(each.ms);
            if (each.kind === 'kill') {
              run.alive = false;
              ({ owe } = await start());
            }
            if (each.kind === 'alert') {
              const next = stage.get(each.episode) ?? 0;
              stage.set(each.episode, (next + 1) % life.length);
              if (next === 0) round.set(each.episode, (round.get(each.episode) ?? 0) + 1);
              const event = life[next]!;
              const episodeId = `e${each.episode}-${round.get(each.episode)}`;
              await owe(message(clock, { episodeId, event }, { status: event === 'resolved' ? 'resolved' : 'firing' }));
            }
          }
          await clock.advance(patienceMs);
          check(state.all('outbox'), told);
        },
      ),
      { numRuns: 100 },
    );
  });
});

/** The naive model: what must be true of any course, told without knowing how delivery works. */
function check(outbox: readonly OutboxEntry[], told: readonly Told[]): void {
  for (const entry of outbox) expect(['delivered', 'dead', 'superseded']).toContain(entry.state);
  const byEpisode = Map.groupBy(outbox, (entry) => entry.episodeId);
  for (const entries of byEpisode.values()) {
    const last = entries.toSorted((a, b) => (a.id < b.id ? -1 : 1)).at(-1)!;
    expect(last.state).not.toBe('superseded');
  }
  const attempts = Map.groupBy(told, ({ entry }) => entry.id);
  for (const [id, tries] of attempts) {
    const arrived = tries.findIndex(({ result }) => result !== 'hang' && result.outcome === 'delivered');
    if (arrived >= 0) expect([id, tries.length]).toEqual([id, arrived + 1]);
  }
  let openAt = 0;
  for (const { at, result } of told) {
    expect(at).toBeGreaterThanOrEqual(openAt);
    if (result !== 'hang' && result.outcome !== 'delivered' && result.retryAfterMs !== undefined)
      openAt = at + result.retryAfterMs;
  }
}
