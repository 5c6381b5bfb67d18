import { useEffect, useState } from 'preact/hooks';
import type { AlertView, RuleDetailView, RulePreviewView, RuleView } from '../../model/api.ts';
import { request } from '../data/request.ts';
import { serverNow } from '../data/time.ts';
import { digits, moment, plural, span, when } from '../show/format.ts';
import { Status } from '../show/status.tsx';

const week = 7 * 86_400_000;
const listed = 10;

/** A stretch of time in which a rule fired, or would have. */
interface Stretch {
  readonly from: number;
  readonly to: number | null;
  readonly severity: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly peak: number | null;
}

interface Past {
  readonly from: number;
  readonly to: number;
  /** True when it is what would have been, not what was. */
  readonly isPreview: boolean;
  readonly stretches: readonly Stretch[];
  readonly lines: RulePreviewView['lines'];
  readonly notes: readonly string[];
}

/** What a rule of the user would have done in the last week, over what is stored; for a built-in rule what it did. */
export function RulePast({ rule }: { rule: RuleView }) {
  const [past, setPast] = useState<Past>();
  const [failure, setFailure] = useState<string>();
  useEffect(() => {
    const abort = new AbortController();
    const load = rule.origin === 'built-in' ? whatWas : whatWouldHaveBeen;
    load(rule, abort.signal).then(setPast, (error: unknown) => {
      if (!abort.signal.aborted) setFailure(error instanceof Error ? error.message : String(error));
    });
    return () => abort.abort();
  }, [rule.id, rule.origin]);
  if (failure !== undefined) return <p class="problem">{failure}</p>;
  if (past === undefined) return <p class="weak">Looking through the last 7 days…</p>;
  const { stretches, isPreview } = past;
  const times = stretches.length;
  return (
    <div class="rule-past">
      <p>
        {isPreview
          ? times === 0
            ? 'It would not have fired in the last 7 days.'
            : `It would have fired ${plural(times, 'time')} in the last 7 days.`
          : times === 0
            ? 'It did not fire in the last 7 days.'
            : `It fired ${plural(times, 'time')} in the last 7 days.`}
      </p>
      <Band past={past} />
      {times > 0 && (
        <ol>
          {stretches.slice(-listed).map((each) => (
            <li key={`${each.from} ${JSON.stringify(each.labels)}`}>
              <Status state={each.severity} quiet {...(each.severity === 'error' ? { word: 'Error' } : {})} />
              <time title={moment(each.from)}>{when(each.from, serverNow())}</time>
              <span>{each.to === null ? 'and still' : `for ${span(each.to - each.from)}`}</span>
              {each.peak !== null && <span>peak {digits(each.peak)}</span>}
              <span class="weak">
                {Object.entries(each.labels)
                  .map(([name, value]) => `${name}=${value}`)
                  .join(' ')}
              </span>
            </li>
          ))}
        </ol>
      )}
      {times > listed && <p class="weak">The newest {listed} are listed.</p>}
      {past.notes.map((note) => (
        <p key={note} class="weak">
          {note}
        </p>
      ))}
    </div>
  );
}

async function whatWouldHaveBeen(rule: RuleView, signal: AbortSignal): Promise<Past> {
  const { definition } = await request<RuleDetailView>(`/rules/${encodeURIComponent(rule.id)}`, { signal });
  const preview = await request<RulePreviewView>('/rules/preview', {
    method: 'POST',
    body: { rule: definition, from: 'now-7d' },
    signal,
  });
  return {
    from: preview.from,
    to: preview.to,
    isPreview: true,
    stretches: preview.episodes.map(({ fired_at, resolved_at, severity, labels, peak }) => ({
      from: fired_at,
      to: resolved_at,
      severity,
      labels,
      peak,
    })),
    lines: preview.lines,
    notes: preview.notes,
  };
}

async function whatWas(rule: RuleView, signal: AbortSignal): Promise<Past> {
  const to = serverNow();
  const from = to - week;
  const path = `/alerts?alert_type=${encodeURIComponent(rule.alert_type)}&from=${Math.floor(from)}&state=firing,resolved&limit=500`;
  const { alerts } = await request<{ alerts: AlertView[] }>(path, { signal });
  const stretches = alerts
    .filter((alert) => alert.rule === rule.id && alert.fired_at !== null)
    .map(({ fired_at, resolved_at, severity, labels }) => ({
      from: fired_at!,
      to: resolved_at,
      severity,
      labels,
      peak: null,
    }))
    .toSorted((a, b) => a.from - b.from);
  return { from, to, isPreview: false, stretches, lines: [], notes: [] };
}

/** The week as one band: when it fired, under the values it judged. Decorative: the list says the same in words. */
function Band({ past }: { past: Past }) {
  const { from, to, stretches, lines } = past;
  const across = (at: number) => ((Math.min(Math.max(at, from), to) - from) / (to - from)) * 100;
  const values = lines.flatMap((line) => line.values);
  const low = Math.min(0, ...values);
  const high = Math.max(...values, low + 1e-9);
  const up = (value: number) => 58 - ((value - low) / (high - low)) * 56;
  const days = Array.from({ length: 7 }, (_, index) => to - index * 86_400_000).filter((at) => at > from + 3_600_000);
  return (
    <figure class={lines.length > 0 ? 'with-lines' : ''} aria-hidden="true">
      <svg viewBox="0 0 100 60" preserveAspectRatio="none" aria-hidden="true" focusable="false">
        {stretches.map((each) => (
          <rect
            key={`${each.from} ${JSON.stringify(each.labels)}`}
            class={each.severity}
            x={across(each.from)}
            y="0"
            width={Math.max(0.4, across(each.to ?? to) - across(each.from))}
            height="60"
          />
        ))}
        {lines.map((line, index) => (
          <path
            key={JSON.stringify(line.labels)}
            class={`line-${(index % 6) + 1}`}
            vector-effect="non-scaling-stroke"
            d={pathOf(line, (to - from) / 100, (at, value) => `${across(at).toFixed(2)} ${up(value).toFixed(2)}`)}
          />
        ))}
      </svg>
      <figcaption>
        {days.map((at) => (
          <span key={at} style={{ insetInlineStart: `${across(at)}%` }}>
            {at === to ? 'now' : when(at, to)}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

/** A line through the points; where nothing was measured for a while it is interrupted. */
function pathOf(
  { at, values }: RulePreviewView['lines'][number],
  most: number,
  place: (at: number, value: number) => string,
): string {
  return at
    .map((time, index) => `${index === 0 || time - at[index - 1]! > most ? 'M' : 'L'}${place(time, values[index]!)}`)
    .join('');
}
