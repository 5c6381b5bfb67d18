import type { OutboxEntry } from '../model/notification.ts';

/** A message that waits in a lane. Times are of the steady clock, so that a jump of the wall clock neither delays nor hurries it. */
export interface Item {
  entry: OutboxEntry;
  /** Not before. */
  dueAt: number;
  /** When it was made. */
  readonly bornAt: number;
  /** Held back: the same problem was told a short time ago, or it is not the time for messages here. */
  held: boolean;
}

/** Two messages about the same episode that have not left yet. */
export interface Coalesced {
  /** What is not sent any more, and why. */
  readonly superseded: { readonly item: Item; readonly why: string }[];
}

/**
 * Finds what need not be sent any more: news that newer news about the same episode has overtaken. An alert that is over before its
 * first message left is sent as one message, its end; and when that first message was only held back, nobody was
 * told, so its end is not told either.
 */
export function coalesce(items: Iterable<Item>): Coalesced {
  const superseded: Coalesced['superseded'] = [];
  for (const group of byEpisode(items)) {
    const newest = group.findLast((item) => item.entry.event !== 'acknowledged')!;
    if (!newest) continue;
    const ended = newest.entry.event === 'resolved';
    let untold = false;
    for (const item of group) {
      if (item === newest) continue;
      if (item.entry.event === 'acknowledged' && !ended) continue;
      untold ||= item.entry.event === 'firing' && item.held && item.entry.attempts === 0;
      superseded.push({ item, why: `overtaken by ${newest.entry.event}` });
    }
    if (ended && untold) superseded.push({ item: newest, why: 'over before it was told (it was held back)' });
  }
  return { superseded };
}

/** Items of the same episode, oldest first; episodes with a single message are left out. */
function byEpisode(items: Iterable<Item>): Item[][] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const { episodeId, event } = item.entry;
    if (event === 'test' || event === 'probe' || event === 'change' || event === 'summary') continue;
    const group = groups.get(episodeId);
    if (group) group.push(item);
    else groups.set(episodeId, [item]);
  }
  return [...groups.values()]
    .filter((group) => group.length > 1)
    .map((group) => group.sort((a, b) => (a.entry.id < b.entry.id ? -1 : 1)));
}

const keys = new WeakMap<OutboxEntry['facts'], string>();

/** The same problem, whichever episode: type, source and labels. Remembered, since it is asked for at every look at the queue. */
export function throttleKey({ facts }: OutboxEntry): string {
  let key = keys.get(facts);
  if (key === undefined) {
    const labels = Object.entries(facts.labels).sort(([a], [b]) => (a < b ? -1 : 1));
    key = JSON.stringify([facts.alertType, facts.source, labels]);
    keys.set(facts, key);
  }
  return key;
}
