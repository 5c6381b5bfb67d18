import type { Silence } from '../model/alert.ts';
import { newId } from '../model/id.ts';
import { lookAgain } from './life.ts';
import type { Pen } from './pen.ts';
import { chooses, describeMatchers, inForceUntil } from './silencing.ts';
import { openWindows } from './windows.ts';

/** Ends the silences whose time is over, and tells what they kept quiet and still goes on. */
export function endSilences(pen: Pen): void {
  const { draft } = pen;
  let ended = false;
  for (const silence of draft.silences()) {
    const why = whyOver(pen, silence);
    if (why === undefined) continue;
    endSilence(pen, silence, why);
    ended = true;
  }
  if (ended || pen.noise.stale) lookAgain(pen);
}

/** Names what is in force now: silences that have begun, windows that are open. When it changes, alerts have to be looked at again. */
export function inForce(pen: Pick<Pen, 'draft' | 'now' | 'noise'>): string {
  const silences = pen.draft.silences().filter((silence) => inForceUntil(silence, pen.now) !== undefined);
  const windows = openWindows(pen.noise.windows, pen.now).map(
    ({ window, from }) => `${window.kind} ${window.name} ${from}`,
  );
  return [...silences.map((silence) => silence.id), ...windows].sort().join('\n');
}

function whyOver(pen: Pen, silence: Silence): string | undefined {
  if (silence.endsAt <= pen.now) return 'its time is over';
  if (!silence.untilResolved || !silence.used) return undefined;
  const covers = pen.draft.allOpen().some((episode) => episode.state === 'firing' && chooses(silence, episode));
  return covers ? undefined : 'everything that it covered is over';
}

/** Takes one silence away. Whoever calls it looks again at the alerts afterwards. */
export function endSilence(pen: Pen, silence: Silence, why: string): void {
  const ended = { ...silence, endsAt: Math.min(silence.endsAt, pen.now) };
  pen.draft.endSilence(ended);
  pen.draft.emit({ type: 'silence', silence: ended, ended: true });
  pen.draft.journal({
    id: newId(pen.now),
    at: pen.now,
    kind: 'silence',
    text: `Silence of ${describeMatchers(silence.matchers)} ended: ${why}`,
    severity: 'info',
    about: { silence: silence.id },
  });
}
