import type { Episode, EscalationState, Silence } from '../model/alert.ts';
import type { Collections, StateStore } from '../model/store.ts';
import { waitingHold } from './waiting.ts';

type Memory = Collections['memory'];

/** Everything the engine decides with, in memory: the open episodes, the silences that have not ended, what rules remember. */
export interface Book {
  /** By fingerprint: one identity has at most one open episode. */
  readonly open: Map<string, Episode>;
  /** Fingerprints of the open episodes that wait for a summary. */
  readonly waiting: Set<string>;
  readonly silences: Map<string, Silence>;
  readonly memory: Map<string, Memory>;
}

/** Prefix of the engine's records in the collection `memory`. */
export const memoryPrefix = 'alerts:';

/** Reads the book from the store, as it was left, also by `kill -9`. */
export async function readBook(state: StateStore, now: number): Promise<Book> {
  const everything = 1_000_000;
  const episodes = await state.find('episodes', {
    where: { state: ['pending', 'firing'] },
    order: 'oldest',
    limit: everything,
  });
  const silences = await state.find('silences', { limit: everything });
  const memory = await state.find('memory', { limit: everything });
  return {
    open: new Map(episodes.map((episode) => [episode.fingerprint, notAfter(episode, now)])),
    waiting: new Set(episodes.filter(waitingHold).map((episode) => episode.fingerprint)),
    silences: new Map(
      silences
        .map((each) => silenceNotAfter(each, now))
        .filter((each) => each.endsAt > now)
        .map((each) => [each.id, each]),
    ),
    memory: new Map(memory.filter((record) => record.id.startsWith(memoryPrefix)).map((record) => [record.id, record])),
  };
}

/** After a restart with the clock set back, an episode must not begin in the future: its durations would stand still until then. */
function notAfter(episode: Episode, now: number): Episode {
  return episode.lastSeenAt <= now ? episode : moveEpisode(episode, now - episode.lastSeenAt);
}

function silenceNotAfter(silence: Silence, now: number): Silence {
  return silence.createdAt <= now ? silence : moveSilence(silence, now - silence.createdAt);
}

/** The episode with all its times moved by `ms`, so that its durations stay what they are when the wall clock jumps. */
export function moveEpisode(episode: Episode, ms: number): Episode {
  const { firedAt, toldAt, flappingSince, escalation, acknowledged, holds, tally } = episode;
  return {
    ...episode,
    startedAt: episode.startedAt + ms,
    lastSeenAt: episode.lastSeenAt + ms,
    ...(firedAt === undefined ? {} : { firedAt: firedAt + ms }),
    ...(toldAt === undefined ? {} : { toldAt: toldAt + ms }),
    ...(flappingSince === undefined ? {} : { flappingSince: flappingSince + ms }),
    ...(escalation === undefined ? {} : { escalation: moveEscalation(escalation, ms) }),
    ...(acknowledged?.until === undefined ? {} : { acknowledged: { ...acknowledged, until: acknowledged.until + ms } }),
    ...(holds === undefined ? {} : { holds: holds.map((hold) => ({ ...hold, since: hold.since + ms })) }),
    ...(tally?.clearSince === undefined ? {} : { tally: { ...tally, clearSince: tally.clearSince + ms } }),
  };
}

function moveEscalation(state: EscalationState, ms: number): EscalationState {
  return {
    ...state,
    startedAt: state.startedAt + ms,
    ...(state.nextAt === undefined ? {} : { nextAt: state.nextAt + ms }),
  };
}

/** The silence with all its times moved by `ms`. */
export function moveSilence(silence: Silence, ms: number): Silence {
  return {
    ...silence,
    createdAt: silence.createdAt + ms,
    startsAt: silence.startsAt + ms,
    endsAt: silence.endsAt + ms,
  };
}
