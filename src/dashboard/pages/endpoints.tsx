import '../style/pages.css';
import type { CheckView } from '../../model/api.ts';
import { typical, useChecks, worstFirst } from '../data/checks.ts';
import { href, route } from '../data/route.ts';
import { eachTenSeconds, serverNow } from '../data/time.ts';
import { Answer } from '../show/answer.tsx';
import { Chart } from '../show/chart.tsx';
import { Empty } from '../show/empty.tsx';
import { ago, plural, span, text, uptime } from '../show/format.ts';
import { Filter, Head, matches, SortHead } from '../show/page.tsx';
import { Phases } from '../show/phases.tsx';
import { Rows } from '../show/rows.tsx';
import { look, Status } from '../show/status.tsx';
import { Ticks } from '../show/ticks.tsx';
import { CheckDetail } from './check-detail.tsx';
import { Heartbeats } from './heartbeats.tsx';

/** Does each endpoint answer right, and fast? */
export function Endpoints({ id }: { id: string | undefined }) {
  const wanted = id ?? route.value.params.get('check') ?? undefined;
  const checks = useChecks();
  if (wanted) return <CheckDetail key={wanted} id={wanted} page="endpoints" title="Endpoints" />;
  return (
    <div class="page">
      <Answer of={checks}>
        {({ checks: all }) => <List checks={all.filter(({ component }) => component === 'api')} />}
      </Answer>
      <Heartbeats />
    </div>
  );
}

const day = (check: CheckView) => check.uptime.find(({ window }) => window === '24h')?.ratio ?? 2;
const orders: Record<string, (a: CheckView, b: CheckView) => number> = {
  status: worstFirst,
  name: (a, b) => b.name.localeCompare(a.name),
  time: (a, b) => (b.duration_ms ?? -1) - (a.duration_ms ?? -1),
  p95: (a, b) => (typical(b.recent, 0.95) ?? -1) - (typical(a.recent, 0.95) ?? -1),
  uptime: (a, b) => day(a) - day(b),
};

function sorted(checks: CheckView[]): CheckView[] {
  const wanted = route.value.params.get('sort') ?? 'status';
  const order = orders[wanted.replace(/^-/, '')] ?? worstFirst;
  return checks.sort(wanted.startsWith('-') ? (a, b) => order(b, a) : order);
}

function List({ checks }: { checks: CheckView[] }) {
  eachTenSeconds();
  if (checks.length === 0)
    return (
      <>
        <Head title="Endpoints" />
        <Empty
          title="No endpoint is watched yet."
          file="monitoring_config.json"
          code={
            '"api_monitoring": {\n  "base_url": "http://localhost:3000",\n  "endpoints": [\n    { "path": "/health" },\n    { "path": "/api/v1/molecules", "expected_status": 200 }\n  ]\n}'
          }
        >
          Each one is asked on its own clock; here stand its results, its times and its uptime.
        </Empty>
      </>
    );
  const bad = checks.filter(({ status }) => status !== 'ok').length;
  const shown = sorted(checks.filter(({ name, target, reason }) => matches(name, target, reason)));
  return (
    <>
      <Head
        title="Endpoints"
        lead={
          bad === 0
            ? `All ${plural(checks.length, 'endpoint')} answer as expected.`
            : `${checks.length - bad} of ${checks.length} answer as expected.`
        }
      >
        <Filter label="Filter endpoints" />
      </Head>
      {checks.length <= 60 && (
        <Chart
          level={2}
          title="Time to answer, slowest now"
          unit="seconds"
          points={480}
          height={150}
          most={5}
          lines={[{ label: 'Time', metric: 'check_duration_seconds', labels: { component: 'api' }, aggregate: 'avg' }]}
        />
      )}
      <div class="scroll">
        <table class="rows endpoints" aria-rowcount={shown.length + 1}>
          <thead>
            <tr>
              <SortHead id="name" text="Endpoint" />
              <SortHead id="status" text="Status" fallback />
              <th scope="col" class="results">
                Last 60 results
              </th>
              <SortHead id="time" text="Last" numeric />
              <SortHead id="p95" text="p95" numeric />
              <th scope="col" class="time">
                Time split
              </th>
              <SortHead id="uptime" text="24 h" numeric />
              <th scope="col" class="number">
                7 d
              </th>
              <th scope="col" class="number">
                30 d
              </th>
              <th scope="col" class="number">
                Certificate
              </th>
            </tr>
          </thead>
          <Rows of={shown} height={51} columns={10}>
            {(check, index) => <Row key={check.id} check={check} index={index} />}
          </Rows>
        </table>
      </div>
      {shown.length === 0 && <p class="note">No endpoint matches the filter.</p>}
    </>
  );
}

/** Since when it is so, or what excuses it; one line, because rows have one height. */
function since({ last_at: last, since_at, status, maintenance, because_of: cause }: CheckView, now: number): string {
  if (last === null) return 'not asked yet';
  if (look(status).tone === 'ok') return maintenance ? 'in maintenance' : ago(last, now);
  if (maintenance) return 'in maintenance';
  return cause ? `because of ${cause.name}` : `for ${span(now - since_at)}`;
}

/** Days until the certificate ends, where there is one. */
function daysLeft({ seen }: CheckView): unknown {
  const { certificate } = seen as { certificate?: { days_left?: number } };
  return seen['certificate_days_left'] ?? certificate?.days_left;
}

function Row({ check, index }: { check: CheckView; index: number }) {
  const { tone } = look(check.status);
  const days = daysLeft(check);
  const up = (window: string) => check.uptime.find((item) => item.window === window);
  const now = serverNow();
  return (
    <tr aria-rowindex={index + 2}>
      <th scope="row">
        <a href={href(['endpoints', check.id])} title={check.target}>
          {check.name}
        </a>
        <p class={tone === 'ok' ? 'weak' : `reason ${tone}`} title={check.reason}>
          {tone === 'ok' ? check.target : check.reason}
        </p>
      </th>
      <td>
        <Status state={check.status} />
        <p class="weak">{since(check, now)}</p>
      </td>
      <td class="results">
        <Ticks recent={check.recent} />
      </td>
      <td class="number">{text(check.duration_ms, 'ms')}</td>
      <td class="number">{text(typical(check.recent, 0.95), 'ms')}</td>
      <td class="time">
        <Phases phases={check.phases} compact />
      </td>
      {['24h', '7d', '30d'].map((window) => (
        <td key={window} class="number" title={`${text(up(window)?.coverage_ratio, 'ratio')} of the time was observed`}>
          {uptime(up(window)?.ratio ?? null)}
        </td>
      ))}
      <td class="number">
        {typeof days === 'number' ? (
          days < 21 ? (
            <Status state="warning" word={`${Math.floor(days)} d`} />
          ) : (
            `${Math.floor(days)} d`
          )
        ) : (
          <span class="weak">–</span>
        )}
      </td>
    </tr>
  );
}
