import type { Episode } from '../model/alert.ts';
import { writeStep } from './life.ts';
import { manualRule } from './manual.ts';
import type { Pen } from './pen.ts';

/** Ends the alerts of checks that are no longer configured: nobody would ever say that they are well again. */
export function closeOrphans(pen: Pen, checkIds: ReadonlySet<string>): void {
  for (const episode of pen.draft.allOpen()) {
    const check = episode.labels.check;
    // Checks of applications come and go with their processes; they are not in the configuration.
    if (check === undefined || /^(app|custom):/.test(check) || checkIds.has(check)) continue;
    close(pen, episode, `the check ${check} is no longer configured`);
  }
}

/** Ends the alerts of rules that are no longer there. */
export function closeRuleless(pen: Pen, ruleIds: ReadonlySet<string>): void {
  for (const episode of pen.draft.allOpen()) {
    if (episode.rule === manualRule || ruleIds.has(episode.rule)) continue;
    close(pen, episode, `the rule ${episode.rule} is no longer there`);
  }
}

function close(pen: Pen, episode: Episode, reason: string): void {
  const kind = episode.state === 'pending' ? 'forgotten' : 'resolved';
  writeStep(pen, { episode: { ...episode, state: 'resolved', resolvedAt: pen.now, reason }, kind, reason });
}
