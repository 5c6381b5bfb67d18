import '../style/endpoints.css';
import type { CheckView, CheckWindowView } from '../../model/api.ts';
import { useQuery } from '../data/query.ts';
import { Answer } from '../show/answer.tsx';
import { plural, span, text } from '../show/format.ts';

/** How often a check failed and how long it took over three windows, and the application's own traffic beside it. */
export function Windows({ check }: { check: CheckView }) {
  const query = useQuery<{ windows: CheckWindowView[] }>(
    `windows ${check.id}`,
    () => `/checks/${encodeURIComponent(check.id)}/windows`,
    { every: 60_000 },
  );
  return <Answer of={query}>{({ windows }) => <Table windows={windows} />}</Answer>;
}

function Table({ windows }: { windows: CheckWindowView[] }) {
  const seen = windows.filter(({ runs, traffic }) => runs > 0 || traffic !== null);
  if (seen.length === 0) return <p class="note">No result has been kept yet.</p>;
  const operations = [...new Set(seen.flatMap(({ traffic }) => traffic?.operations ?? []))];
  const coarse = seen.find(({ step_seconds: step }) => step >= 60 && step > (seen[0]?.step_seconds ?? step));
  return (
    <>
      <div class="scroll">
        <table class="windows">
          <thead>
            <tr>
              <th scope="col">Window</th>
              <th scope="col">Seen by</th>
              <th scope="col" class="number">
                Failed
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
            </tr>
          </thead>
          <tbody>
            {seen.flatMap((one) => [
              <Line
                key={one.window}
                window={one.window.replace(/(\d+)/, '$1 ')}
                by={plural(one.runs, 'check')}
                of={one}
              />,
              one.traffic && (
                <Line
                  key={`${one.window} traffic`}
                  window=""
                  by={plural(one.traffic.requests, 'request')}
                  of={one.traffic}
                />
              ),
            ])}
          </tbody>
        </table>
      </div>
      {operations.length > 0 && (
        <p class="note">
          Requests are the application’s own traffic on <code>{operations.slice(0, 3).join(', ')}</code>.
        </p>
      )}
      {coarse && (
        <p class="note">
          Times over {coarse.window.replace(/(\d+)/, '$1 ')} come from means of {span(coarse.step_seconds * 1000)}.
        </p>
      )}
    </>
  );
}

type Numbers = Pick<CheckWindowView, 'error_ratio' | 'p50_ms' | 'p95_ms' | 'p99_ms'>;

function Line({ window, by, of }: { window: string; by: string; of: Numbers }) {
  return (
    <tr>
      <th scope="row">{window}</th>
      <td>{by}</td>
      <td class={`number${(of.error_ratio ?? 0) > 0 ? ' error' : ''}`}>{text(of.error_ratio, 'ratio')}</td>
      <td class="number">{text(of.p50_ms, 'ms')}</td>
      <td class="number">{text(of.p95_ms, 'ms')}</td>
      <td class="number">{text(of.p99_ms, 'ms')}</td>
    </tr>
  );
}
