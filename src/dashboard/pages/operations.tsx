import '../style/pages.css';
import type { OperationView } from '../../model/api.ts';
import { useQuery } from '../data/query.ts';
import { bounds, range, rangeKey } from '../data/range.ts';
import { href, route } from '../data/route.ts';
import { Answer } from '../show/answer.tsx';
import { Chart } from '../show/chart.tsx';
import { Empty } from '../show/empty.tsx';
import { plural, text } from '../show/format.ts';
import { Facts, Filter, Head, matches, SortHead } from '../show/page.tsx';
import { Rows } from '../show/rows.tsx';
import { Spark } from '../show/spark.tsx';
import { Shape } from '../show/status.tsx';

function useOperations() {
  const of = range.value;
  return useQuery<{ operations: OperationView[] }>(
    `operations ${rangeKey.value}`,
    () => {
      const { from, to } = bounds(of);
      return `/operations?from=${Math.floor(from)}&to=${Math.ceil(to)}`;
    },
    { every: of.kind === 'fixed' ? 0 : 10_000 },
  );
}

/** What is slow, what is busy, what fails? */
export function Operations({ id }: { id: string | undefined }) {
  const query = useOperations();
  return (
    <div class="page">
      <Answer of={query}>
        {({ operations }) =>
          id ? <Detail of={operations.find(({ operation }) => operation === id)} name={id} /> : <List of={operations} />
        }
      </Answer>
    </div>
  );
}

const orders: Record<string, (operation: OperationView) => number> = {
  time: ({ time_ratio }) => time_ratio,
  rate: ({ per_second }) => per_second,
  errors: ({ error_ratio }) => error_ratio,
  p50: ({ p50 }) => p50 ?? 0,
  p95: ({ p95 }) => p95 ?? 0,
  p99: ({ p99 }) => p99 ?? 0,
  max: ({ max }) => max ?? 0,
};

function sorted(operations: OperationView[]): OperationView[] {
  const wanted = route.value.params.get('sort') ?? 'time';
  const value = orders[wanted.replace(/^-/, '')] ?? orders['time']!;
  return operations.sort((a, b) => (wanted.startsWith('-') ? value(a) - value(b) : value(b) - value(a)));
}

function List({ of }: { of: readonly OperationView[] }) {
  if (of.length === 0)
    return (
      <>
        <Head title="Operations" />
        <Empty
          title="No operation was timed in this range."
          file="app.js"
          code={
            "import { startMonitoring, trackDatabaseOperation } from 'cryoprotect-monitoring';\n\nstartMonitoring(app); // every route by itself\nconst rows = await trackDatabaseOperation('molecules.select', () => db.query(sql));"
          }
        >
          Routes are timed by themselves; anything else with one call around it.
        </Empty>
      </>
    );
  const shown = sorted(of.filter(({ operation, category }) => matches(operation, category)));
  const busiest = of.reduce((a, b) => (b.time_ratio > a.time_ratio ? b : a));
  const failing = of.filter(({ error_ratio }) => error_ratio >= 0.05);
  const top = Math.max(...of.map(({ p99 }) => p99 ?? 0), 0.001);
  return (
    <>
      <Head
        title="Operations"
        lead={
          <>
            Most time goes into <a href={href(['operations', busiest.operation])}>{busiest.operation}</a> (
            {text(busiest.time_ratio, 'ratio')})
            {failing.length > 0 && `; ${plural(failing.length, 'operation fails', 'operations fail')} in 5 % or more`}.
          </>
        }
      >
        <Filter label="Filter operations" />
      </Head>
      <div class="scroll">
        <table class="rows operations" aria-rowcount={shown.length + 1}>
          <thead>
            <tr>
              <th scope="col">Operation</th>
              <SortHead id="rate" text="Rate" numeric />
              <th scope="col" class="trend">
                Trend
              </th>
              <SortHead id="errors" text="Errors" numeric />
              <SortHead id="p50" text="p50" numeric />
              <SortHead id="p95" text="p95" numeric />
              <SortHead id="p99" text="p99" numeric />
              <SortHead id="max" text="Max" numeric />
              <th scope="col" class="spread">
                p50 to p99
              </th>
              <SortHead id="time" text="Share of time" fallback />
            </tr>
          </thead>
          <Rows of={shown} height={41} columns={10}>
            {(operation, index) => <Row key={operation.operation} of={operation} top={top} index={index} />}
          </Rows>
        </table>
      </div>
      {shown.length === 0 && <p class="note">No operation matches the filter.</p>}
    </>
  );
}

/** Place on a scale of powers of ten from 1 ms to the slowest: 20 ms and 2 s fit on one line. */
function place(seconds: number | null, top: number): number {
  const low = Math.log10(0.001);
  return Math.max(
    0,
    Math.min(100, ((Math.log10(Math.max(seconds ?? 0, 0.001)) - low) / (Math.log10(Math.max(top, 0.01)) - low)) * 100),
  );
}

function ErrorShare({ of }: { of: OperationView }) {
  if (of.errors === 0) return <span class="weak">0</span>;
  const tone = of.error_ratio >= 0.05 ? 'error' : of.error_ratio >= 0.01 ? 'warning' : undefined;
  return (
    <span class={tone ? `status ${tone}` : ''} title={plural(of.errors, 'error')}>
      {tone && <Shape tone={tone} size={10} />}
      {text(of.error_ratio, 'ratio')}
    </span>
  );
}

function Row({ of, top, index }: { of: OperationView; top: number; index: number }) {
  const left = place(of.p50, top);
  const middle = place(of.p95, top);
  const right = place(of.p99, top);
  return (
    <tr aria-rowindex={index + 2}>
      <th scope="row">
        <a href={href(['operations', of.operation])}>{of.operation}</a> <span class="weak">{of.category}</span>
      </th>
      <td class="number">{text(of.per_second, 'per_second')}</td>
      <td class="trend">
        <Spark points={of.trend} />
      </td>
      <td class="number">
        <ErrorShare of={of} />
      </td>
      <td class="number">{text(of.p50, 'seconds')}</td>
      <td class="number">{text(of.p95, 'seconds')}</td>
      <td class="number">{text(of.p99, 'seconds')}</td>
      <td class="number weak">{text(of.max, 'seconds')}</td>
      <td class="spread" aria-hidden="true">
        <div>
          <i style={{ insetInlineStart: `${left}%`, width: `${right - left}%` }} />
          <b style={{ insetInlineStart: `${left}%`, width: `${Math.max(1, middle - left)}%` }} />
        </div>
      </td>
      <td>
        <span class="share">
          <i style={{ width: `${(of.time_ratio * 100).toFixed(1)}%` }} />
        </span>
        <span class="share-text">{text(of.time_ratio, 'ratio')}</span>
      </td>
    </tr>
  );
}

function Detail({ of, name }: { of: OperationView | undefined; name: string }) {
  const labels = { operation: name };
  return (
    <>
      <Head
        back={{ href: href(['operations']), text: 'Operations' }}
        title={name}
        lead={
          of
            ? `${plural(of.count, 'time')} in this range, ${of.errors === 0 ? 'none failed' : `${plural(of.errors, 'failure')}`}; ${text(of.time_ratio, 'ratio')} of all time spent.`
            : 'It did not run in this range.'
        }
      />
      {of && (
        <dl class="line spaced">
          {(['min', 'p50', 'avg', 'p95', 'p99', 'max'] as const).map((key) => (
            <div key={key}>
              <dt>{key}</dt>
              <dd>{text(of[key], 'seconds')}</dd>
            </div>
          ))}
        </dl>
      )}
      <Chart
        level={2}
        title="Time"
        unit="seconds"
        height={210}
        points={480}
        lines={(['p50', 'p95', 'p99'] as const).map((aggregate) => ({
          label: aggregate,
          metric: 'operation_duration_seconds',
          labels,
          aggregate,
        }))}
      />
      <div class="multiples wide">
        <Chart
          title="Operations per second"
          unit="per_second"
          lines={[{ label: 'Rate', metric: 'operation_total', labels, aggregate: 'rate' }]}
        />
        <Chart
          title="Errors per second"
          unit="per_second"
          lines={[{ label: 'Errors', metric: 'operation_errors_total', labels, aggregate: 'rate' }]}
          empty="No error in this time."
        />
      </div>
      {of && (
        <Facts
          of={[
            ['Category', of.category],
            of.items > 0 && ['Items', text(of.items, 'count')],
            of.bytes > 0 && ['Bytes', text(of.bytes, 'bytes')],
          ]}
        />
      )}
    </>
  );
}
