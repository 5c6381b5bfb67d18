import type { JournalView, OverviewView } from '../../model/api.ts';
import { localLink } from '../data/route.ts';
import { hour, span, when } from './format.ts';
import { look, Shape } from './status.tsx';

const words = { ok: 'fine', warning: 'warning', error: 'failing', unknown: 'not observed' };

/** The last day as one band: how it was, when, and what happened. Height says the same as colour. */
export function Timeline({
  of,
  journal,
  at,
}: {
  of: OverviewView['timeline'];
  journal: readonly JournalView[];
  at: number;
}) {
  const from = at - 86_400_000;
  const place = (time: number) => `${(((Math.min(Math.max(time, from), at) - from) / (at - from)) * 100).toFixed(3)}%`;
  const width = (start: number, end: number) =>
    `${(((Math.min(end, at) - Math.max(start, from)) / (at - from)) * 100).toFixed(3)}%`;
  const shown = of.filter(({ to, from: start }) => to > from && start < at);
  const marks = journal.filter((entry) => entry.at >= from && !['check', 'error', 'job', 'alert'].includes(entry.kind));
  const hours = Array.from({ length: 9 }, (_, index) => at - (at % 10_800_000) - index * 10_800_000).filter(
    (time) => time > from + 1_800_000 && time < at - 3_600_000,
  );
  const bad = shown.filter(({ verdict }) => verdict === 'error' || verdict === 'warning');
  return (
    <section class="timeline" aria-label="The last 24 hours">
      <header>
        <h2>Last 24 hours</h2>
        <p aria-hidden="true">
          {(['ok', 'warning', 'error', 'unknown'] as const).map((verdict) => (
            <span key={verdict}>
              <i class={verdict} />
              {words[verdict]}
            </span>
          ))}
        </p>
      </header>
      <div class="band">
        {shown.map((segment) => {
          const title = `${when(segment.from, at)}–${hour(segment.to)} (${span(segment.to - segment.from)}): ${segment.text || words[segment.verdict]}`;
          const style = { insetInlineStart: place(segment.from), width: width(segment.from, segment.to) };
          return segment.verdict === 'error' || segment.verdict === 'warning' ? (
            <a key={segment.from} class={segment.verdict} style={style} href={localLink(segment.link)} title={title}>
              <span class="hidden">{title}</span>
            </a>
          ) : (
            <i key={segment.from} class={segment.verdict} style={style} title={title} />
          );
        })}
        {marks.map((entry) => (
          <span
            key={entry.id}
            class={`mark ${entry.severity}`}
            style={{ insetInlineStart: place(entry.at) }}
            title={`${when(entry.at, at)} ${entry.text}`}
          />
        ))}
      </div>
      <div class="hours" aria-hidden="true">
        {hours.map((time) => (
          <span key={time} style={{ insetInlineStart: place(time) }}>
            {hour(time)}
          </span>
        ))}
        <span class="now">now</span>
      </div>
      <p class="hidden">
        {bad.length === 0
          ? 'Nothing failed in the last 24 hours.'
          : bad
              .map(
                ({ from: start, to, verdict, text }) =>
                  `${when(start, at)} for ${span(to - start)}: ${words[verdict]}, ${text}.`,
              )
              .join(' ')}
      </p>
    </section>
  );
}

const kindWords: Record<string, string> = {
  'monitor-started': 'Monitor',
  'monitor-stopped': 'Monitor',
  'monitor-crashed': 'Monitor',
  'app-started': 'App',
  'app-stopped': 'App',
  'app-lost': 'App',
  deploy: 'Deploy',
  configuration: 'Config',
  check: 'Check',
  silence: 'Silence',
  alert: 'Alert',
  job: 'Job',
  error: 'Error',
  store: 'Store',
  clock: 'Clock',
};

/** Where the evidence of a journal entry is. */
function linkOf({ about }: JournalView): string | null {
  if (about['episode']) return localLink(`/alerts/${encodeURIComponent(about['episode'])}`);
  if (about['alert']) return localLink(`/alerts/${encodeURIComponent(about['alert'])}`);
  if (about['check']) return checkLink(about['check']);
  if (about['error']) return localLink(`/errors/${encodeURIComponent(about['error'])}`);
  if (about['job'] || about['run']) return localLink('/progress');
  return null;
}

/** Page of a check by its id. */
export function checkLink(id: string): string {
  const page = id.startsWith('database:') ? 'databases' : id.startsWith('api:') ? 'endpoints' : 'system';
  return localLink(page === 'system' ? '/system' : `/${page}/${encodeURIComponent(id)}`);
}

/** What happened, newest first. */
export function Journal({ entries, at, empty }: { entries: readonly JournalView[]; at: number; empty: string }) {
  if (entries.length === 0) return <p class="note">{empty}</p>;
  return (
    <ol class="journal">
      {entries.map((entry) => {
        const link = linkOf(entry);
        return (
          <li key={entry.id} class={entry.severity}>
            <time title={when(entry.at, at)}>{when(entry.at, at)}</time>
            <Shape tone={entry.severity === 'info' ? 'info' : look(entry.severity).tone} size={9} />
            <span class="kind">{kindWords[entry.kind] ?? entry.kind}</span>
            <span class="text">{link ? <a href={link}>{entry.text}</a> : entry.text}</span>
          </li>
        );
      })}
    </ol>
  );
}
