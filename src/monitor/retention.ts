/** Forgets durable records that nobody will ask for any more. What is still open (a firing alert, a queued message) stays. */
import type { Change, StateStore } from '../model/store.ts';

const day = 86_400_000;

/** Removes finished records older than `days`; at most a few thousand in one call, so that it never takes long. */
export async function forgetOld(state: StateStore, now: number, days: number): Promise<number> {
  const before = now - days * day;
  const changes: Change[] = [];
  const batch = { to: before, order: 'oldest', limit: 2000 } as const;
  for (const { id } of await state.find('episodes', { ...batch, where: { state: 'resolved' } })) {
    changes.push({ in: 'episodes', remove: id });
    for (const step of await state.find('transitions', { where: { episodeId: id } }))
      changes.push({ in: 'transitions', remove: step.id });
  }
  for (const { id } of await state.find('outbox', {
    ...batch,
    where: { state: ['delivered', 'dead', 'superseded', 'expired'] },
  })) {
    changes.push({ in: 'outbox', remove: id });
  }
  // A silence by a schedule may be old and still be in force.
  for (const { id, endsAt } of await state.find('silences', batch))
    if (endsAt < before) changes.push({ in: 'silences', remove: id });
  for (const { id } of await state.find('progress_runs', {
    ...batch,
    where: { state: ['done', 'failed', 'abandoned'] },
  })) {
    changes.push({ in: 'progress_runs', remove: id });
  }
  if (changes.length > 0) await state.commit(changes);
  let forgotten = changes.length;
  for (const collection of [
    'attempts',
    'journal',
    'error_occurrences',
    'error_groups',
    'traces',
    'slow_queries',
    'statements',
  ] as const) {
    forgotten += await state.prune(collection, before);
  }
  return forgotten;
}
