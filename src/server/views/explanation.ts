import type { Episode } from '../../model/alert.ts';
import type { ExplanationView } from '../../model/api.ts';
import { formatDuration } from '../../model/duration.ts';
import type { JournalEntry } from '../../model/journal.ts';
import type { ServerOptions } from '../options.ts';
import { holdView } from './alert-view.ts';
import { baselineOf, seriesUnit, withUnit } from './baseline.ts';
import { tellingOf } from './who-was-told.ts';

/** How far back before the first sign a cause is looked for. */
const beforeMs = 30 * 60_000;
/** How long around the first sign other failures count as related: before it, and after it. */
const relatedBeforeMs = 15 * 60_000;
const relatedAfterMs = 5 * 60_000;
const mostListed = 20;

/** Journal lines that cannot be a cause: other alerts stand in a list of their own. */
const noCause: ReadonlySet<JournalEntry['kind']> = new Set(['alert', 'silence']);

/** Puts together why an alert fires and who knows. Everything is read from what was stored; nothing is guessed. */
export async function explain(options: ServerOptions, episode: Episode, signal: AbortSignal): Promise<ExplanationView> {
  const [figures, changes, correlated, telling] = await Promise.all([
    baselineOf(options, episode, signal),
    changesBefore(options, episode),
    failuresAround(options, episode),
    tellingOf(options, episode),
  ]);
  const view = {
    id: episode.id,
    value: finite(episode.value),
    threshold: finite(episode.threshold),
    unit: episode.unit ?? null,
    since_at: episode.startedAt,
    ...figures,
    series_unit: seriesUnit(episode),
    changes,
    correlated,
    ...telling,
    holds: (episode.holds ?? []).map(holdView),
  };
  return { ...view, sentences: sentencesOf(view, episode, options.clock.now()) };
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}

/** What happened in the half hour before the first bad observation, latest first: the later, the likelier a cause. */
async function changesBefore({ state }: ServerOptions, { startedAt }: Episode): Promise<ExplanationView['changes']> {
  const from = startedAt - beforeMs;
  const to = startedAt + 1;
  const [journal, groups, runs] = await Promise.all([
    state.find('journal', { from, to, limit: 500 }),
    state.find('error_groups', { from, limit: 500 }),
    state.find('progress_runs', { from, limit: 500 }),
  ]);
  const at = (moment: number) => ({ at: moment, lead_ms: startedAt - moment });
  const inTime = (moment: number) => moment >= from && moment < to;
  return [
    ...journal
      .filter(({ kind }) => !noCause.has(kind) && kind !== 'error')
      .map((entry) => ({ ...at(entry.at), kind: entry.kind, text: entry.text, link: linkOf(entry) })),
    ...groups
      .filter((group) => inTime(group.firstSeenAt))
      .map((group) => ({
        ...at(group.firstSeenAt),
        kind: 'error',
        text: `First seen: ${group.type}: ${group.title}`,
        link: `/monitoring/errors/${encodeURIComponent(group.id)}`,
      })),
    ...runs
      .filter((run) => inTime(run.startedAt))
      .map((run) => ({
        ...at(run.startedAt),
        kind: 'job',
        text: `Job ${run.name} started`,
        link: '/monitoring/progress',
      })),
  ]
    .sort((a, b) => b.at - a.at)
    .slice(0, mostListed);
}

function linkOf({ about }: JournalEntry): string | null {
  if (about?.['check'] !== undefined) return `/monitoring/checks/${encodeURIComponent(about['check'])}`;
  return about?.['error'] === undefined ? null : `/monitoring/errors/${encodeURIComponent(about['error'])}`;
}

/** Alerts that began and checks that failed around the first sign, earliest first. */
async function failuresAround(
  { state, alerts, checks }: ServerOptions,
  episode: Episode,
): Promise<ExplanationView['correlated']> {
  const { startedAt, id } = episode;
  const from = startedAt - relatedBeforeMs;
  const to = startedAt + relatedAfterMs;
  const stored = await state.find('episodes', { from, to, order: 'oldest', limit: 500 });
  const open = alerts.active().filter((one) => one.startedAt >= from && one.startedAt < to);
  const episodes = new Map([...stored, ...open].map((one) => [one.id, one]));
  episodes.delete(id);
  const told = new Set([...episodes.values(), episode].flatMap((one) => one.labels['check'] ?? []));
  return [
    ...[...episodes.values()].map((one) => ({
      at: one.startedAt,
      lead_ms: startedAt - one.startedAt,
      kind: 'alert' as const,
      id: one.id,
      text: one.message,
      severity: one.severity,
    })),
    ...checks
      .all()
      .filter(({ check, status, since }) => status === 'error' && since >= from && since < to && !told.has(check.id))
      .map(({ check, since, reason }) => ({
        at: since,
        lead_ms: startedAt - since,
        kind: 'check' as const,
        id: check.id,
        text: `${check.name}: ${reason}`,
        severity: 'error' as const,
      })),
  ]
    .sort((a, b) => a.at - b.at)
    .slice(0, mostListed);
}

/** The short form. */
function sentencesOf(view: Omit<ExplanationView, 'sentences'>, episode: Episode, now: number): string[] {
  const lasted = formatDuration(Math.max(0, (episode.resolvedAt ?? now) - episode.startedAt));
  const word = { pending: 'It is pending', firing: 'It fires', resolved: 'It fired' }[episode.state];
  const lines = [`${word} for ${lasted}: ${episode.reason}.`];
  const usual = view.baseline.filter((one) => one.average !== null);
  if (usual.length > 0) {
    const words = usual.map(
      ({ when, average, highest }) =>
        `${when === 'yesterday' ? 'yesterday' : 'a week ago'} ${withUnit(average!, view.series_unit)} (highest ${withUnit(highest ?? average!, view.series_unit)})`,
    );
    lines.push(`At the same hour it was ${words.join(', ')} on average.`);
  }
  const [change] = view.changes;
  if (change) lines.push(`${formatDuration(change.lead_ms)} before: ${change.text}`);
  const first = view.correlated.find(({ lead_ms }) => lead_ms >= 0);
  if (first) lines.push(`First to fail, ${formatDuration(first.lead_ms)} before: ${first.text}`);
  for (const hold of view.holds) lines.push(`Held back: ${hold.text}.`);
  const delivered = view.told.find(({ delivered_at }) => delivered_at !== null);
  if (delivered)
    lines.push(
      `${delivered.channel} was told ${formatDuration(delivered.delivered_at! - episode.startedAt)} after its first sign.`,
    );
  else if (view.told.length === 0 && episode.state !== 'pending') lines.push('Nobody has been told.');
  return lines;
}
