import type { Episode } from '../model/alert.ts';
import { memoryPrefix } from './book.ts';
import type { Draft } from './draft.ts';

/** The end of an alert that has not been told to everybody who heard of it. Kept in the collection `memory`. */
export interface Ending {
  /** The episode as it ended. */
  readonly episode: Episode;
  readonly transitionId: string;
  /** For each channel that must still hear of the end, what it waits for: the id of a bundle, `flapping` or `quiet:NAME`. */
  readonly waits: Readonly<Record<string, string>>;
  /** Quiet hours in which it came and went, so that nobody ever heard of it. */
  readonly missedIn?: string;
}

const prefix = `${memoryPrefix}ending:`;

/** The ending that waits for a problem. There is at most one: when the problem comes back first, it goes on as the same alert. */
export function endingOf(draft: Draft, fingerprint: string): Ending | undefined {
  return draft.memory(prefix + fingerprint)?.value as Ending | undefined;
}

/** Every ending that waits. */
export function allEndings(draft: Draft): Ending[] {
  return draft.memories(prefix).map((id) => draft.memory(id)?.value as Ending);
}

/** Stores an ending, or takes it away when nobody waits for it any more. */
export function putEnding(draft: Draft, ending: Ending, now: number): void {
  const id = prefix + ending.episode.fingerprint;
  if (Object.keys(ending.waits).length === 0 && ending.missedIn === undefined) draft.removeMemory(id);
  else draft.putMemory({ id, at: now, value: ending });
}

/** Takes an ending away. */
export function dropEnding(draft: Draft, ending: Ending): void {
  draft.removeMemory(prefix + ending.episode.fingerprint);
}
