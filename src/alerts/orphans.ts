import { type Pen, writeStep } from './life.ts';

/** Ends the alerts of checks that are no longer configured: nobody would ever say that they are well again. */
export function closeOrphans(pen: Pen, checkIds: ReadonlySet<string>): void {
  for (const episode of pen.draft.allOpen()) {
    const check = episode.labels.check;
    // Checks of applications come and go with their processes; they are not in the configuration.
    if (check === undefined || check.startsWith('app:') || checkIds.has(check)) continue;
    const reason = `the check ${check} is no longer configured`;
    const kind = episode.state === 'pending' ? 'forgotten' : 'resolved';
    writeStep(pen, { episode: { ...episode, state: 'resolved', resolvedAt: pen.now, reason }, kind, reason });
  }
}
