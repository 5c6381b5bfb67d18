import type { Silence } from '../model/alert.ts';
import { newId } from '../model/id.ts';
import { lookAgain, type Pen } from './life.ts';
import { describeMatchers } from './silencing.ts';

/** Ends the silences whose time is over, and tells what they kept quiet and still goes on. */
export function endSilences(pen: Pen): void {
  const over = pen.draft.silences().filter((silence) => silence.endsAt <= pen.now);
  for (const silence of over) endSilence(pen, silence, 'its time is over');
  if (over.length > 0) lookAgain(pen);
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
