import type { Clock } from '../model/clock.ts';
import type { StateStore } from '../model/store.ts';
import type { Book } from './book.ts';
import type { Noise } from './noise.ts';
import type { Recollection } from './recollection.ts';

const journalMs = 30 * 60_000;
const most = 20_000;

/** Reads from the store what is kept in memory only: what changed lately, and when problems began and ended. */
export async function recallChanges(parts: {
  readonly state: StateStore;
  readonly clock: Clock;
  readonly noise: Noise;
  readonly recollection: Recollection;
  readonly book: Book;
}): Promise<void> {
  const { state, clock, noise, recollection, book } = parts;
  const now = clock.now();
  const journal = await state.find('journal', { from: now - journalMs, order: 'oldest', limit: most });
  for (const entry of journal) recollection.hearOf(entry);
  for (const episode of [...book.open.values()].sort((a, b) => a.startedAt - b.startedAt)) recollection.begin(episode);
  const steps = await state.find('transitions', {
    where: { kind: ['firing', 'resolved'] },
    from: now - noise.flap.windowMs,
    order: 'oldest',
    limit: most,
  });
  const fingerprints = new Map([...book.open.values()].map((episode) => [episode.id, episode.fingerprint]));
  for (const { episodeId, at } of steps) {
    const fingerprint = fingerprints.get(episodeId) ?? (await state.get('episodes', episodeId))?.fingerprint;
    if (fingerprint === undefined) continue;
    fingerprints.set(episodeId, fingerprint);
    noise.changes.note(fingerprint, at);
  }
}
