/** Ends a process that appends to the store two hundred times with SIGKILL, and counts what is lost or doubled: both must be 0. */
import { killStore } from '../test/crash/store-kill.ts';
import { createRandom } from './store/mix.ts';

export const title = 'kill -9 of a process that appends to the store, 200 times: what is lost, what is doubled';

const KILLS = 200;

/** Rejects when anything was lost or doubled, so that the command fails. */
export async function run(_options: { json: boolean }): Promise<Record<string, number>> {
  const { kills, steps, lost, doubled } = await killStore(KILLS, 5, createRandom(1));
  const figures = { store_kills: kills, store_kill_steps: steps, store_kill_lost: lost, store_kill_doubled: doubled };
  if (lost + doubled > 0) throw new Error(`The store did not keep its promise: ${JSON.stringify(figures)}`);
  return figures;
}
