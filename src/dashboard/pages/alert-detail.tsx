import type { AlertDetailView, DeliveryView } from '../../model/api.ts';
import { useQuery } from '../data/query.ts';
import { chooseWindow } from '../data/range.ts';
import { href } from '../data/route.ts';
import { eachTenSeconds, serverNow } from '../data/time.ts';
import { Answer } from '../show/answer.tsx';
import { Chart } from '../show/chart.tsx';
import { hourSeconds, inline, moment, plural, span, text, when, words } from '../show/format.ts';
import { Facts, Head } from '../show/page.tsx';
import { look, Shape, Status, type Tone } from '../show/status.tsx';
import { checkLink, Journal } from '../show/timeline.tsx';
import { AcknowledgeButton, SilenceButton } from './actions.tsx';

/** One occurrence of an alert: why it fired, the numbers behind it, what changed before, who was told and when. */
export function Episode({ id }: { id: string }) {
  const query = useQuery<AlertDetailView>(`alert ${id}`, () => `/alerts/${encodeURIComponent(id)}`, {
    on: ['alert', 'silence'],
    every: 30_000,
  });
  return <Answer of={query}>{(alert) => <Detail alert={alert} />}</Answer>;
}

/** The name of a series says its unit. */
function unitOf(name: string, unit: string | null): string | null {
  if (name.endsWith('_ratio')) return 'ratio';
  if (name.endsWith('_seconds')) return 'seconds';
  if (name.endsWith('_bytes')) return 'bytes';
  return name === 'check_up' ? null : unit;
}

/** The rule's limit in the unit of the chart: thresholds are kept as people set them, series in base units. */
function limitOf(alert: AlertDetailView, unit: string | null): number | null {
  if (alert.threshold === null || alert.series?.name === 'check_up') return null;
  if (unit === 'ratio' && (alert.unit === 'percent' || alert.unit === '%')) return alert.threshold / 100;
  if (unit === 'seconds' && alert.unit === 'ms') return alert.threshold / 1000;
  return alert.threshold;
}

function Detail({ alert }: { alert: AlertDetailView }) {
  eachTenSeconds();
  const now = serverNow();
  const end = alert.resolved_at ?? now;
  const tone = alert.state === 'resolved' ? 'ok' : alert.state === 'pending' ? 'unknown' : look(alert.severity).tone;
  const unit = alert.series ? unitOf(alert.series.name, alert.unit) : null;
  const limit = limitOf(alert, unit);
  const check = alert.labels['check'];
  return (
    <>
      <Head
        back={{ href: href(['alerts']), text: 'Alerts' }}
        title={
          <>
            <Shape tone={tone} size={17} /> {alert.message}
          </>
        }
        lead={
          <>
            <b class={tone}>{alert.silenced_by ? 'Silenced' : look(alert.state).word}</b>{' '}
            {alert.resolved_at ? `after ${span(end - alert.started_at)}` : `for ${span(end - alert.started_at)}`}:{' '}
            {alert.reason}
          </>
        }
      >
        <AcknowledgeButton alert={alert} />
        {alert.state !== 'resolved' && !alert.silenced_by && <SilenceButton alertType={alert.alert_type} />}
      </Head>
      {alert.acknowledged && (
        <p class="callout">
          <Status state="ok" word={`${alert.acknowledged.by} has seen it`} /> at {when(alert.acknowledged.at, now)}
          {alert.acknowledged.note && `: ${alert.acknowledged.note}`}
        </p>
      )}
      {alert.escalation?.next_at && (
        <p class="callout">
          <Status state="warning" word="Nobody has acknowledged it" />: the next ones are told{' '}
          {when(alert.escalation.next_at, now)} ({alert.escalation.name}, step {alert.escalation.step + 1} of{' '}
          {alert.escalation.steps})
        </p>
      )}
      {alert.series && (
        <>
          <Chart
            level={2}
            title={words(alert.series.name.replace(/_(ratio|seconds|bytes)$/, ''))}
            unit={unit}
            height={210}
            points={480}
            lines={[
              {
                label: words(alert.series.name),
                metric: alert.series.name,
                labels: alert.series.labels,
                aggregate: alert.series.name === 'check_up' ? 'min' : 'avg',
              },
            ]}
            {...(alert.severity === 'warning' ? { warning: limit } : { error: limit })}
            shades={[{ from: alert.started_at, to: alert.resolved_at }]}
          />
          <p class="under">
            <button
              type="button"
              class="link"
              onClick={() => chooseWindow(alert.started_at - 1_800_000, Math.min(now, end + 900_000))}
            >
              Show the time of this alert
            </button>
          </p>
        </>
      )}
      <div class="columns even">
        <section>
          <h2>What happened</h2>
          <Transitions of={alert.transitions} now={now} />
          <h2>Who was told</h2>
          <Deliveries of={alert.deliveries} silenced={alert.silenced_by !== null} now={now} />
        </section>
        <section>
          <h2>What changed in the 30 minutes before</h2>
          <Journal entries={alert.changes} at={now} empty="Nothing that the monitor knows of." />
          <h2>Why it fires</h2>
          {alert.rule_info && <p class="prose">{alert.rule_info.explanation}</p>}
          <Facts
            of={[
              alert.rule_info && ['Rule', alert.rule_info.condition],
              alert.value !== null && ['Value', text(alert.value, alert.unit)],
              alert.threshold !== null && ['Limit', text(alert.threshold, alert.unit)],
              ['Type', alert.alert_type],
              ['Source', alert.source],
              check
                ? [
                    'Check',
                    <a key="c" href={checkLink(check)}>
                      {check}
                    </a>,
                  ]
                : null,
              ...Object.entries(alert.labels)
                .filter(([name]) => name !== 'check')
                .map(([name, value]) => [words(name), value] as const),
              ...Object.entries(alert.context).map(([name, value]) => [words(name), inline(value)] as const),
              ['Began', moment(alert.started_at)],
              ['Id', <code key="i">{alert.id}</code>],
            ]}
          />
        </section>
      </div>
    </>
  );
}

const tones: Record<string, Tone> = {
  pending: 'unknown',
  firing: 'error',
  escalated: 'error',
  deescalated: 'warning',
  resolved: 'ok',
  acknowledged: 'ok',
  passed_on: 'warning',
};

function Transitions({ of, now }: { of: AlertDetailView['transitions']; now: number }) {
  return (
    <ol class="journal steps">
      {of
        .toSorted((a, b) => b.at - a.at)
        .map((step) => (
          <li key={`${step.at}${step.kind}`}>
            <time title={moment(step.at)}>{when(step.at, now)}</time>
            <Shape tone={tones[step.kind] ?? 'info'} size={9} />
            <span class="kind">{words(step.kind)}</span>
            <span class="text">
              {step.by && <b>{step.by}: </b>}
              {step.reason}
            </span>
          </li>
        ))}
    </ol>
  );
}

function Deliveries({ of, silenced, now }: { of: readonly DeliveryView[]; silenced: boolean; now: number }) {
  if (of.length === 0) return <p class="note">{silenced ? 'Nobody: it is silenced.' : 'Nobody yet.'}</p>;
  return (
    <ul class="deliveries">
      {of.map((delivery) => (
        <li key={`${delivery.channel}${delivery.event}${delivery.created_at}`}>
          <details>
            <summary>
              <b>{delivery.channel}</b> {delivery.event} <Status state={delivery.state} />
              <span class="weak">
                {delivery.delivered_at
                  ? `${when(delivery.delivered_at, now)}, ${span(delivery.delivered_at - delivery.created_at)} after it was due`
                  : `${plural(delivery.attempts, 'attempt')}`}
              </span>
            </summary>
            <ol>
              {delivery.log.map((attempt) => (
                <li key={attempt.at}>
                  <time>{hourSeconds(attempt.at)}</time> <Status state={attempt.outcome} quiet />{' '}
                  <span>{attempt.summary}</span> <span class="weak">{text(attempt.duration_ms, 'ms')}</span>
                </li>
              ))}
            </ol>
          </details>
        </li>
      ))}
    </ul>
  );
}
