import '../style/pages.css';
import type { CheckView } from '../../model/api.ts';
import { useChecks } from '../data/checks.ts';
import { href, route } from '../data/route.ts';
import { eachTenSeconds, serverNow } from '../data/time.ts';
import { Answer } from '../show/answer.tsx';
import { Chart } from '../show/chart.tsx';
import { Empty } from '../show/empty.tsx';
import { plural, span, text, uptime } from '../show/format.ts';
import { Head } from '../show/page.tsx';
import { Phases } from '../show/phases.tsx';
import { look, Shape, Status } from '../show/status.tsx';
import { Ticks } from '../show/ticks.tsx';
import { Breakers } from './breakers.tsx';
import { CheckDetail } from './check-detail.tsx';
import { DatabaseFacts, structured } from './database-facts.tsx';
import { Pools } from './pools.tsx';

/** Can the application reach its data, how fast, and which way? */
export function Databases({ id }: { id: string | undefined }) {
  const wanted = id ?? route.value.params.get('check') ?? undefined;
  const checks = useChecks();
  if (wanted)
    return (
      <CheckDetail
        key={wanted}
        id={wanted}
        page="databases"
        title="Databases"
        more={(check) => <DatabaseFacts check={check} />}
        elsewhere={structured}
      />
    );
  return (
    <div class="page">
      <Answer of={checks}>
        {({ checks: all }) => <List checks={all.filter(({ component }) => component === 'database')} />}
      </Answer>
      <Breakers />
      <Pools />
    </div>
  );
}

const byOrder = (a: CheckView, b: CheckView) => (a.order ?? 99) - (b.order ?? 99);

function List({ checks }: { checks: CheckView[] }) {
  eachTenSeconds();
  if (checks.length === 0)
    return (
      <>
        <Head title="Databases" />
        <Empty
          title="No database is watched yet."
          file="monitoring_config.json"
          code={
            '"database_monitoring": {\n  "connections": [\n    { "name": "pooler", "url": "postgres://app@pooler.example:6543/app" },\n    { "name": "direct", "url": "postgres://app@db.example:5432/app" }\n  ]\n}'
          }
        >
          Each connection gets its status, its times and its place in the fallback chain here.
        </Empty>
      </>
    );
  const chains = [...new Set(checks.flatMap(({ chain }) => (chain === null ? [] : [chain])))].map((name) =>
    checks.filter(({ chain }) => chain === name).sort(byOrder),
  );
  const up = checks.filter(({ status }) => status === 'ok' || status === 'warning').length;
  const active = chains.flatMap((chain) => chain.filter((check) => check.active)).map(({ name }) => name);
  return (
    <>
      <Head
        title="Databases"
        lead={
          <>
            {up} of {checks.length} reachable
            {active.length > 0 ? (
              <>
                ; traffic runs on <b>{active.join(', ')}</b>
              </>
            ) : null}
          </>
        }
      />
      {chains.map((chain) => (
        <Chain key={chain[0]?.id} of={chain} />
      ))}
      <section class="connections">
        {[...checks].sort(byOrder).map((check) => (
          <Connection key={check.id} check={check} />
        ))}
      </section>
    </>
  );
}

/** The way that traffic takes, first choice first. */
function Chain({ of }: { of: readonly CheckView[] }) {
  return (
    <ol class="chain" aria-label="Fallback chain">
      {of.map((check) => (
        <li key={check.id} class={`${look(check.status).tone}${check.active ? ' active' : ''}`}>
          <a href={href(['databases', check.id])}>
            <Shape tone={look(check.status).tone} size={13} />
            <b>{check.name}</b>
            <span>{check.active ? 'in use' : look(check.status).tone === 'error' ? 'failing' : 'ready'}</span>
          </a>
        </li>
      ))}
    </ol>
  );
}

function Connection({ check }: { check: CheckView }) {
  return (
    <article>
      <header>
        <h2>
          <a href={href(['databases', check.id])}>{check.name}</a>
        </h2>
        <Status state={check.status} />
        <span class="weak">for {span(serverNow() - check.since_at)}</span>
        <p class="target" title={check.target}>
          {check.target.startsWith(check.kind) ? check.target : `${check.kind}, ${check.target}`}
        </p>
      </header>
      <div>
        <p class={`reason ${look(check.status).tone}`}>{check.reason}</p>
        <Ticks recent={check.recent} count={60} />
        <dl class="line">
          <div>
            <dt>Last</dt>
            <dd>{text(check.duration_ms, 'ms')}</dd>
          </div>
          {check.uptime.map(({ window, ratio }) => (
            <div key={window}>
              <dt>Up {window.replace(/(\d+)/, '$1 ')}</dt>
              <dd>{uptime(ratio)}</dd>
            </div>
          ))}
          {check.consecutive_failures > 0 && (
            <div>
              <dt>In a row</dt>
              <dd>{plural(check.consecutive_failures, 'failure')}</dd>
            </div>
          )}
        </dl>
        {check.phases.length > 0 && <Phases phases={check.phases} />}
      </div>
      <Chart
        title="Time to answer"
        unit="seconds"
        height={110}
        lines={[{ label: check.name, metric: 'check_duration_seconds', labels: { check: check.id }, aggregate: 'avg' }]}
        empty="No answer in this time."
      />
    </article>
  );
}
