import type { ComponentChildren } from 'preact';
import type { AlertView, CheckView } from '../../model/api.ts';
import { useQuery } from '../data/query.ts';
import { bounds, range } from '../data/range.ts';
import { href } from '../data/route.ts';
import { eachTenSeconds, serverNow } from '../data/time.ts';
import { Answer } from '../show/answer.tsx';
import { Chart } from '../show/chart.tsx';
import { ago, hourSeconds, inline, moment, plural, span, text, uptime, when, words } from '../show/format.ts';
import { Facts, Head } from '../show/page.tsx';
import { Phases } from '../show/phases.tsx';
import { look, Shape, Status } from '../show/status.tsx';
import { Ticks } from '../show/ticks.tsx';
import { RunButton, SilenceButton } from './actions.tsx';
import { Evidence, isBlock } from './check-evidence.tsx';
import { Windows } from './check-windows.tsx';

interface Detailed {
  readonly page: string;
  readonly title: string;
  /** What a kind of check has to show besides, and the names of what it saw that are shown there. */
  readonly more?: (check: CheckView) => ComponentChildren;
  readonly elsewhere?: ReadonlySet<string>;
}

/** One check with all its evidence: what was seen, where the time went, how it was, and the alerts about it. */
export function CheckDetail(props: Detailed & { id: string }) {
  const { id, ...rest } = props;
  const query = useQuery<CheckView>(`check ${id}`, () => `/checks/${encodeURIComponent(id)}`, {
    every: 30_000,
    patch: (_, event) => (event.type === 'check' && event.check.id === id ? event.check : undefined),
  });
  return (
    <div class="page">
      <Answer of={query}>{(check) => <Detail check={check} {...rest} />}</Answer>
    </div>
  );
}

/** What was seen, in words: names that end in `_at` are times. */
function fact(name: string, value: unknown): string {
  if (name.endsWith('_at') && typeof value === 'number') return moment(value);
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : inline(value);
}

/** Where a step holds one result, mean and worst are the same line. */
function aggregates(): (readonly [string, string])[] {
  const { from, to } = bounds(range.value);
  return to - from > 10_800_000
    ? [
        ['Mean', 'avg'],
        ['Worst', 'max'],
      ]
    : [['Time', 'avg']];
}

function Detail({ check, page, title, more, elsewhere }: Detailed & { check: CheckView }) {
  eachTenSeconds();
  const now = serverNow();
  const { tone } = look(check.status);
  const alerts = useQuery<{ alerts: AlertView[] }>('alerts pending,firing', () => '/alerts?state=pending,firing', {
    on: ['alert', 'silence'],
  });
  const own = (alerts.data.value?.alerts ?? []).filter(
    ({ labels }) => Object.values(labels).includes(check.id) || Object.values(labels).includes(check.name),
  );
  return (
    <>
      <Head
        back={{ href: href([page]), text: title }}
        title={
          <>
            <Shape tone={tone} size={17} /> {check.name}
          </>
        }
        lead={
          <>
            <b class={tone}>{look(check.status).word}</b> for {span(now - check.since_at)}: {check.reason}
          </>
        }
      >
        {own[0] && <SilenceButton alertType={own[0].alert_type} />}
        <RunButton id={check.id} running={check.running} />
      </Head>
      {own.map((alert) => (
        <p key={alert.id} class="callout">
          <Status
            state={alert.silenced_by ? 'unknown' : alert.state}
            word={alert.silenced_by ? 'Silenced' : undefined}
          />{' '}
          <a href={href(['alerts', alert.id])}>{alert.message}</a>{' '}
          <span class="weak">since {when(alert.started_at, now)}</span>
        </p>
      ))}
      <Context check={check} page={page} now={now} />
      <section class="strip">
        <Ticks recent={check.recent} count={90} />
        <p class="weak">
          {plural(Math.min(90, check.recent.length), 'result')}, one every {span(check.interval_seconds * 1000)}; newest{' '}
          {ago(check.last_at, now)}, next in {span(Math.max(0, check.next_at - now))}
        </p>
      </section>
      <Chart
        level={2}
        title={check.kind === 'heartbeat' ? 'How long the job took' : 'Time to answer'}
        unit="seconds"
        points={480}
        height={190}
        lines={aggregates().map(([label, aggregate]) => ({
          label,
          metric: check.kind === 'heartbeat' ? 'heartbeat_duration_seconds' : 'check_duration_seconds',
          labels: { check: check.id },
          aggregate,
        }))}
      />
      <div class="columns even">
        <section>
          <h2>Conditions</h2>
          <Conditions of={check.conditions} />
          {check.phases.length > 0 && (
            <>
              <h2>Where the time went</h2>
              <Phases phases={check.phases} />
            </>
          )}
          {check.kind !== 'heartbeat' && (
            <>
              <h2>Over time</h2>
              <Windows check={check} />
            </>
          )}
          <h2>Uptime</h2>
          <Uptimes check={check} />
        </section>
        <section>
          <h2>What was seen</h2>
          <Facts
            of={Object.entries(check.seen)
              .filter(([name, value]) => !isBlock(name, value) && !elsewhere?.has(name))
              .map(([name, value]) => [words(name.replace(/_at$/, '')), fact(name, value)] as const)}
          />
          <Evidence seen={check.seen} />
          <h2>This check</h2>
          <Facts
            of={[
              ['Kind', check.kind],
              ['Looks at', check.target],
              [
                'Last run',
                check.last_at === null
                  ? 'not yet'
                  : `${hourSeconds(check.last_at)}, took ${text(check.duration_ms, 'ms')}`,
              ],
              ['Gives up after', span(check.timeout_seconds * 1000)],
              check.consecutive_failures > 0 && ['Failures in a row', String(check.consecutive_failures)],
              check.parents.length > 0 && ['Depends on', check.parents.join(', ')],
              check.tags.length > 0 && ['Tags', check.tags.join(', ')],
              check.order !== null && ['In the chain', `${check.order + 1}${check.active ? ', in use' : ''}`],
            ]}
          />
          <p class="note">{check.explanation}</p>
        </section>
      </div>
      {more?.(check)}
    </>
  );
}

/** What the result must be read with: a maintenance that is open, a parent that is down. */
function Context({ check, page, now }: { check: CheckView; page: string; now: number }) {
  const { maintenance, because_of: cause } = check;
  return (
    <>
      {maintenance && (
        <p class="callout">
          <Status state="info" word="Maintenance" /> {maintenance.name}, until {when(maintenance.until_at, now)}:
          failures count against nothing.
        </p>
      )}
      {cause && (
        <p class="callout">
          <Status state="unknown" word="Consequence" /> It fails because{' '}
          <a href={href([cause.check.startsWith('database:') ? 'databases' : page, cause.check])}>{cause.name}</a> is
          down ({cause.reason}); that check’s alert tells people.
        </p>
      )}
    </>
  );
}

function Conditions({ of }: { of: CheckView['conditions'] }) {
  if (of.length === 0) return <p class="note">This check has no conditions besides an answer in time.</p>;
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Expected</th>
          <th scope="col">Seen</th>
          <th scope="col">Verdict</th>
        </tr>
      </thead>
      <tbody>
        {of.map(({ condition, met, seen, severity }) => (
          <tr key={condition}>
            <th scope="row">{condition}</th>
            <td>
              <code>{seen}</code>
            </td>
            <td>{met ? <Status state="ok" quiet word="Met" /> : <Status state={severity} word="Not met" />}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Uptimes({ check }: { check: CheckView }) {
  return (
    <dl class="uptimes">
      {check.uptime.map(({ window, ratio, coverage_ratio }) => (
        <div key={window}>
          <dt>{window.replace(/(\d+)/, '$1 ')}</dt>
          <dd>{uptime(ratio)}</dd>
          <dd class="weak">{coverage_ratio < 0.995 ? `${text(coverage_ratio, 'ratio')} observed` : 'all observed'}</dd>
        </div>
      ))}
    </dl>
  );
}
