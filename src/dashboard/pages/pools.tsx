import '../style/pools.css';
import type { FallbackView, PoolView, SlowQueryView, StatementView } from '../../model/api.ts';
import { useQuery } from '../data/query.ts';
import { bounds, range, rangeKey } from '../data/range.ts';
import { eachTenSeconds, serverNow } from '../data/time.ts';
import { Answer } from '../show/answer.tsx';
import { Chart } from '../show/chart.tsx';
import { ago, plural, span, text } from '../show/format.ts';
import { Rows } from '../show/rows.tsx';
import { look, Shape, Status } from '../show/status.tsx';

/** What the application itself does with its connections: pools, the way it takes, its queries. */
export function Pools() {
  const query = useQuery<{ pools: PoolView[]; fallbacks: FallbackView[] }>('pools', () => '/pools', { every: 5000 });
  return (
    <Answer of={query}>
      {({ pools, fallbacks }) =>
        pools.length + fallbacks.length === 0 ? (
          <section class="group">
            <h2>Pools of the application</h2>
            <p class="note">
              No connection pool is watched. One line shows who holds connections, who waits for one, and what every
              query takes: <code>{"monitor.watchPool(pool, { name: 'main' })"}</code>
            </p>
          </section>
        ) : (
          <>
            <section class="group pools">
              <h2>Pools of the application</h2>
              {fallbacks.map((chain) => (
                <Fallback key={`${chain.instance} ${chain.name}`} of={chain} />
              ))}
              {pools.map((pool) => (
                <Pool
                  key={`${pool.instance} ${pool.name}`}
                  of={pool}
                  several={pools.some(({ name, instance }) => name === pool.name && instance !== pool.instance)}
                />
              ))}
            </section>
            <Statements />
            <SlowQueries />
          </>
        )
      }
    </Answer>
  );
}

const tones = { closed: 'ok', open: 'error', 'half-open': 'warning' } as const;

/** The way that operations take, first choice first. */
function Fallback({ of }: { of: FallbackView }) {
  eachTenSeconds();
  const failing = of.connections.filter(({ breaker }) => breaker !== 'closed');
  return (
    <div class="way">
      <h3>
        {of.name} <span class="weak">fallback chain of {of.service}</span>
      </h3>
      <ol class="chain" aria-label={`Fallback chain ${of.name}`}>
        {of.connections.map((one) => {
          const active = one.name === of.current;
          return (
            <li key={one.name} class={`${tones[one.breaker]}${active ? ' active' : ''}`}>
              <div>
                <Shape tone={tones[one.breaker]} size={13} />
                <b>{one.name}</b>
                <span>{active ? 'in use' : one.breaker === 'closed' ? 'ready' : `breaker ${one.breaker}`}</span>
                <span class="weak">{plural(one.served, 'operation')}</span>
              </div>
            </li>
          );
        })}
      </ol>
      {failing.map((one) => (
        <p key={one.name} class="reason error">
          {one.name}: {one.reason}
          {one.retry_at !== null &&
            one.retry_at > serverNow() &&
            `; tried again in ${span(one.retry_at - serverNow())}`}
        </p>
      ))}
    </div>
  );
}

const words: Record<string, string> = {
  ok: 'OK',
  warning: 'Strained',
  error: 'Exhausted',
  stale: 'Silent',
  gone: 'Ended',
};

function Pool({ of, several }: { of: PoolView; several: boolean }) {
  const labels = { pool: of.name, service: of.service };
  return (
    <article>
      <header>
        <h3>{of.name}</h3>
        <Status
          state={of.state === 'live' ? of.verdict : 'unknown'}
          word={words[of.state === 'live' ? of.verdict : of.state]}
        />
        <p class="target">
          {of.kind}, {several ? of.instance : of.service}
        </p>
      </header>
      <div>
        <p class={`reason ${look(of.verdict).tone}`}>{of.text}</p>
        <Fill of={of} />
        <dl class="line">
          <div>
            <dt>In use</dt>
            <dd>
              {of.used}
              {of.max !== null && <span class="weak"> of {of.max}</span>}
            </dd>
          </div>
          <div>
            <dt>Waiting</dt>
            <dd class={of.waiting > 0 ? 'warning' : ''}>{of.waiting}</dd>
          </div>
          <div>
            <dt>Wait p50 / p99</dt>
            <dd>{of.wait.count === 0 ? '–' : `${text(of.wait.p50, 'seconds')} / ${text(of.wait.p99, 'seconds')}`}</dd>
          </div>
          {of.exhaustions > 0 && (
            <div>
              <dt>Exhausted</dt>
              <dd>{plural(of.exhaustions, 'time')}</dd>
            </div>
          )}
          {of.errors > 0 && (
            <div>
              <dt>Failed</dt>
              <dd class="error">
                {of.errors}
                {of.timeouts > 0 && <span class="weak"> ({plural(of.timeouts, 'timeout')})</span>}
              </dd>
            </div>
          )}
        </dl>
        <Holders of={of} />
      </div>
      <Chart
        title="Connections"
        unit="count"
        height={110}
        lines={[
          { label: 'in use', metric: 'db_pool_connections', labels: { ...labels, state: 'used' }, aggregate: 'max' },
          { label: 'waiting', metric: 'db_pool_waiting_requests', labels, aggregate: 'max' },
        ]}
        empty="No number in this time."
      />
    </article>
  );
}

/** One cell for each connection there may be; many share a bar. */
function Fill({ of }: { of: PoolView }) {
  const most = of.max ?? of.used + of.idle;
  // A client that everybody shares is no pool that could fill up.
  if (most <= 1 || of.state !== 'live') return null;
  const tone = of.verdict === 'error' ? 'error' : of.waiting > 0 && of.used >= most ? 'warning' : '';
  const width = (count: number) => ({ width: `${Math.min(100, (count / most) * 100)}%` });
  return (
    <div class={`fill ${tone}`} role="img" aria-label={`${of.used} in use and ${of.idle} idle of ${most}`}>
      <i style={width(of.used)} />
      <b style={width(of.idle)} />
    </div>
  );
}

function Holders({ of }: { of: PoolView }) {
  // What is held for a moment only is work being done.
  const shown = of.holders.filter(({ longest_ms }) => longest_ms >= 100 || of.waiting > 0);
  if (shown.length === 0 || of.state !== 'live') return null;
  return (
    <ul class="holders">
      {shown.map((one) => (
        <li key={one.site}>
          <details>
            <summary>
              <b>{one.count}</b> held by <code>{one.site}</code>{' '}
              <span class="weak">longest {span(one.longest_ms)}</span>
            </summary>
            {one.statement && <pre>{one.statement}</pre>}
            {one.stack && <pre>{one.stack}</pre>}
          </details>
        </li>
      ))}
    </ul>
  );
}

function Statements() {
  const of = range.value;
  const query = useQuery<{ statements: StatementView[] }>(
    `statements ${rangeKey.value}`,
    () => {
      const { from, to } = bounds(of);
      return `/statements?from=${Math.floor(from)}&to=${Math.ceil(to)}&limit=50`;
    },
    { every: of.kind === 'fixed' ? 0 : 10_000 },
  );
  return (
    <section class="group">
      <h2>
        Queries <span class="weak">by the shape of their statement, most time first</span>
      </h2>
      <Answer of={query}>
        {({ statements }) =>
          statements.length === 0 ? (
            <p class="note">No query went through a watched pool in this range.</p>
          ) : (
            <div class="scroll">
              <table class="rows statements">
                <thead>
                  <tr>
                    <th scope="col">Statement</th>
                    <th scope="col">Pool</th>
                    <th scope="col" class="number">
                      Rate
                    </th>
                    <th scope="col" class="number">
                      p50
                    </th>
                    <th scope="col" class="number">
                      p95
                    </th>
                    <th scope="col" class="number">
                      p99
                    </th>
                    <th scope="col" class="number">
                      Errors
                    </th>
                    <th scope="col" class="number">
                      Rows
                    </th>
                    <th scope="col">Share of time</th>
                  </tr>
                </thead>
                <Rows of={statements} height={41} columns={9}>
                  {(one) => (
                    <tr key={`${one.service} ${one.pool} ${one.statement}`}>
                      <th scope="row">
                        <code title={one.text}>{one.text || one.statement}</code>
                      </th>
                      <td>{one.pool}</td>
                      <td class="number">{text(one.per_second, 'per_second')}</td>
                      <td class="number">{text(one.p50, 'seconds')}</td>
                      <td class="number">{text(one.p95, 'seconds')}</td>
                      <td class="number">{text(one.p99, 'seconds')}</td>
                      <td class={`number ${one.errors > 0 ? 'error' : 'weak'}`}>{one.errors}</td>
                      <td class="number weak">{text(one.rows, 'count')}</td>
                      <td>
                        <span class="share">
                          <i style={{ width: `${(one.time_ratio * 100).toFixed(1)}%` }} />
                        </span>
                        <span class="share-text">{text(one.time_ratio, 'ratio')}</span>
                      </td>
                    </tr>
                  )}
                </Rows>
              </table>
            </div>
          )
        }
      </Answer>
    </section>
  );
}

function SlowQueries() {
  const of = range.value;
  const query = useQuery<{ queries: SlowQueryView[] }>(
    `slow queries ${rangeKey.value}`,
    () => {
      const { from, to } = bounds(of);
      return `/slow-queries?from=${Math.floor(from)}&to=${Math.ceil(to)}&order=slowest&limit=50`;
    },
    { every: of.kind === 'fixed' ? 0 : 10_000 },
  );
  return (
    <section class="group">
      <h2>
        Slow queries <span class="weak">slowest first</span>
      </h2>
      <Answer of={query}>
        {({ queries }) =>
          queries.length === 0 ? (
            <p class="note">No query took longer than slow_query_threshold_ms in this range.</p>
          ) : (
            <div class="scroll">
              <table class="rows statements">
                <thead>
                  <tr>
                    <th scope="col">Statement</th>
                    <th scope="col" class="number">
                      Took
                    </th>
                    <th scope="col" class="number">
                      Waited
                    </th>
                    <th scope="col" class="number">
                      Rows
                    </th>
                    <th scope="col">Asked by</th>
                    <th scope="col">Request</th>
                    <th scope="col">When</th>
                  </tr>
                </thead>
                <tbody>
                  {queries.map((one) => (
                    <tr key={one.id}>
                      <th scope="row">
                        <code title={one.text}>{one.text}</code>
                        {one.error && <span class="error"> {one.error}</span>}
                      </th>
                      <td class="number">{text(one.duration_ms, 'ms')}</td>
                      <td class="number weak">{text(one.wait_ms, 'ms')}</td>
                      <td class="number weak">{one.rows ?? '–'}</td>
                      <td>
                        <code>{one.caller || 'unknown'}</code>
                      </td>
                      <td class="weak">
                        <code title={one.trace_id ?? ''}>{one.correlation_id ?? one.trace_id?.slice(0, 8) ?? '–'}</code>
                      </td>
                      <td class="weak">{ago(one.at, serverNow())}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </Answer>
    </section>
  );
}
