import type { Clock } from '../model/clock.ts';
import type { Keeper } from './keeper.ts';
import { type Item, throttleKey } from './lane-queue.ts';
import { crowd, gapMs, mayJoin, summaryOf } from './summary.ts';

/** Makes one message of many that are due at once. */
export interface Crowds {
  /** Steady ms until which the next crowd is collected; nothing leaves before. */
  readonly collectingUntil: number;
  /**
   * The summary that takes the place of the due ones among `items`, or undefined when they are few. A crowd's first alerts go out at
   * once; what follows is collected for a few seconds, longer each time, until the crowd is gone: ten thousand alerts at once are two or
   * three messages.
   */
  join(items: Map<string, Item>, due: readonly Item[]): Promise<Item | undefined>;
}

/** Starts without a crowd. `told` hears of every problem that a summary tells. */
export function createCrowds(options: {
  readonly channel: string;
  readonly clock: Clock;
  readonly keeper: Keeper;
  readonly told: Map<string, number>;
}): Crowds {
  const { channel, clock, keeper, told } = options;
  let inRow = 0;
  let collectingUntil = 0;
  return {
    get collectingUntil() {
      return collectingUntil;
    },
    async join(items, due) {
      const now = clock.monotonic();
      const entries = due.map((item) => item.entry).filter(mayJoin);
      if (entries.length < crowd) {
        inRow = 0;
        return undefined;
      }
      const summary = summaryOf(entries, channel, clock.now());
      await keeper.write([
        { in: 'outbox', put: summary },
        ...entries.map(
          (entry) =>
            ({
              in: 'outbox',
              put: { ...entry, state: 'superseded', lastError: `told in summary ${summary.id}` },
            }) as const,
        ),
      ]);
      for (const entry of entries) {
        items.delete(entry.id);
        if (entry.event !== 'resolved') told.set(throttleKey(entry), now);
      }
      const item: Item = { entry: summary, dueAt: now, bornAt: now, held: false };
      items.set(summary.id, item);
      inRow += 1;
      collectingUntil = now + gapMs(inRow);
      return item;
    },
  };
}
