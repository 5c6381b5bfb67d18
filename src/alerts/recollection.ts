import type { Episode } from '../model/alert.ts';
import { formatDuration } from '../model/duration.ts';
import type { JournalEntry } from '../model/journal.ts';

/** How far back a change or another failure may lie to be named in a message. */
const lookBackMs = 30 * 60_000;
const mostKept = 300;
const mostNamed = 3;

/** Kinds of journal lines that may be a cause. */
const causes: ReadonlySet<JournalEntry['kind']> = new Set([
  'deploy',
  'configuration',
  'app-started',
  'app-stopped',
  'app-lost',
  'monitor-started',
  'monitor-crashed',
  'job',
  'error',
  'clock',
]);

interface Moment {
  readonly at: number;
  readonly text: string;
  /** Fingerprint of the alert, for beginnings of alerts. */
  readonly alert?: string;
}

/** What happened lately, at hand without asking the store: messages that leave within a second have no time to ask. */
export interface Recollection {
  hearOf(entry: JournalEntry): void;
  /** Notes that a problem was seen for the first time. */
  begin(episode: Episode): void;
  /** What changed and what failed before an alert's first bad observation, newest change first, earliest failure first. */
  before(episode: Episode): string[];
}

/** Makes the memory of what happened lately. */
export function createRecollection(): Recollection {
  const changes: Moment[] = [];
  const failures: Moment[] = [];
  const keep = (list: Moment[], moment: Moment): void => {
    list.push(moment);
    if (list.length > mostKept) list.shift();
  };
  return {
    hearOf(entry) {
      if (causes.has(entry.kind)) keep(changes, { at: entry.at, text: entry.text });
    },
    begin: (episode) => keep(failures, { at: episode.startedAt, text: episode.message, alert: episode.fingerprint }),
    before(episode) {
      const { startedAt, fingerprint } = episode;
      const inTime = (moment: Moment) => moment.at <= startedAt && moment.at > startedAt - lookBackMs;
      const since = (moment: Moment) => formatDuration(startedAt - moment.at);
      return [
        ...changes
          .filter(inTime)
          .slice(-mostNamed)
          .reverse()
          .map((moment) => `changed ${since(moment)} before: ${moment.text}`),
        ...failures
          .filter((moment) => inTime(moment) && moment.alert !== fingerprint)
          .slice(0, mostNamed)
          .map((moment) => `failed ${since(moment)} before: ${moment.text}`),
      ];
    },
  };
}
