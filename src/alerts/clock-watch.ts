import type { Clock } from '../model/clock.ts';
import { formatDuration } from '../model/duration.ts';
import type { Log } from '../model/log.ts';
import { moveEpisode, moveSilence } from './book.ts';
import { allBundles, putBundle } from './bundle.ts';
import type { Draft } from './draft.ts';
import { allFlaps, putFlap } from './flap-life.ts';
import type { Noise } from './noise.ts';

/** Smaller corrections are the ordinary work of time synchronisation. */
const tolerance = 1000;

/** Notices when the wall clock was set back. */
export interface ClockWatch {
  /** How far it went back since the last question, as a negative number of milliseconds; 0 when it did not. */
  jumpedBack(): number;
}

/** Starts to compare the wall clock with the steady one. Jumps forward are left alone: a suspended machine looks just like that. */
export function createClockWatch(clock: Clock): ClockWatch {
  let wall = clock.now();
  let steady = clock.monotonic();
  return {
    jumpedBack() {
      const expected = wall + (clock.monotonic() - steady);
      wall = clock.now();
      steady = clock.monotonic();
      const difference = wall - expected;
      return difference < -tolerance ? difference : 0;
    },
  };
}

/** Moves everything that is open along with the wall clock, so that no duration grows or shrinks by the jump. */
export function moveEverything(draft: Draft, noise: Noise, ms: number, now: number, log: Log): void {
  for (const episode of draft.allOpen()) draft.putEpisode(moveEpisode(episode, ms));
  for (const silence of draft.silences()) draft.putSilence(moveSilence(silence, ms));
  for (const bundle of allBundles(draft)) {
    const flushAt = bundle.flushAt === null ? null : bundle.flushAt + ms;
    putBundle(draft, { ...bundle, flushAt, toldAt: bundle.toldAt + ms, startedAt: bundle.startedAt + ms });
  }
  for (const flap of allFlaps({ draft })) {
    putFlap({ draft, now }, { ...flap, since: flap.since + ms, lastChangeAt: flap.lastChangeAt + ms });
  }
  noise.changes.move(ms);
  noise.wakeAt = 0;
  log.warn(
    { ms, now },
    `The clock was set back by ${formatDuration(-ms)}; open alerts and silences were moved with it.`,
  );
}
