import '../style/pages.css';
import type { ProgressView } from '../../model/api.ts';
import { useQuery } from '../data/query.ts';
import { eachTenSeconds, serverNow } from '../data/time.ts';
import { Answer } from '../show/answer.tsx';
import { Empty } from '../show/empty.tsx';
import { ago, hour, plural, span, text, when } from '../show/format.ts';
import { Filter, Head, matches } from '../show/page.tsx';
import { look, Status } from '../show/status.tsx';

const living = new Set(['running', 'paused', 'stalled']);

/** How far is each job, when is it done, did it stall? */
export function Progress() {
  const query = useQuery<{ progress: ProgressView[] }>('progress', () => '/progress', {
    every: 10_000,
    patch: (data, event) => {
      if (event.type !== 'progress') return undefined;
      const { progress } = event;
      const known = data.progress.findIndex(({ id }) => id === progress.id);
      return { progress: known < 0 ? [progress, ...data.progress] : data.progress.with(known, progress) };
    },
  });
  return (
    <div class="page">
      <Answer of={query}>{({ progress }) => <List of={progress} />}</Answer>
    </div>
  );
}

function List({ of }: { of: readonly ProgressView[] }) {
  eachTenSeconds();
  if (of.length === 0)
    return (
      <>
        <Head title="Progress" />
        <Empty
          title="No job has reported yet."
          file="import.js"
          code={
            "const progress = trackProgress('ChEMBL import', { totalItems: 5000, checkpointFile: 'chembl.json' });\nfor (const batch of batches) {\n  const { ok, failed } = await importBatch(batch);\n  progress.update({ itemsProcessed: batch.length, successful: ok, failed });\n}\nprogress.done();"
          }
        >
          A job that reports its batches gets a bar, a rate, an honest time of arrival, and an alert when it stalls.
        </Empty>
      </>
    );
  const shown = of.filter(({ name, message, state }) => matches(name, message, state));
  const now = shown
    .filter(({ state }) => living.has(state))
    .sort((a, b) => Number(b.state === 'stalled') - Number(a.state === 'stalled') || b.started_at - a.started_at);
  const past = shown
    .filter(({ state }) => !living.has(state))
    .sort((a, b) => (b.ended_at ?? b.updated_at) - (a.ended_at ?? a.updated_at));
  const count = (state: string) => of.filter((run) => run.state === state).length;
  const facts = [
    count('stalled') > 0 && `${count('stalled')} stalled`,
    count('running') > 0 && `${count('running')} running`,
    count('paused') > 0 && `${count('paused')} paused`,
  ].filter(Boolean);
  return (
    <>
      <Head title="Progress" lead={facts.length > 0 ? `${facts.join(', ')}.` : 'Nothing is running.'}>
        <Filter label="Filter jobs" />
      </Head>
      <section class="jobs">
        {now.map((run) => (
          <Job key={run.id} run={run} before={past.find(({ name, state }) => name === run.name && state === 'done')} />
        ))}
      </section>
      {past.length > 0 && <Past of={past} />}
    </>
  );
}

/** The bar: what went well, what failed, what was left out, what a checkpoint brought back; the rest is still to do. */
function Bar({ run }: { run: ProgressView }) {
  const total = run.total_items;
  if (total <= 0)
    return (
      <div
        class={`bar open ${run.state}`}
        role="progressbar"
        aria-label={`${run.name}: ${run.processed_items} items, total not known`}
      />
    );
  const share = (count: number) => `${Math.min(100, (count / total) * 100).toFixed(2)}%`;
  const fresh = Math.max(0, run.successful_items - run.restored_items);
  return (
    <div
      class={`bar ${run.state}`}
      role="progressbar"
      aria-label={run.name}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round((run.ratio ?? 0) * 100)}
    >
      <i
        class="restored"
        style={{ width: share(Math.min(run.restored_items, run.processed_items)) }}
        title={`${run.restored_items} brought back by the checkpoint`}
      />
      <i class="fine" style={{ width: share(fresh) }} />
      <i class="skipped" style={{ width: share(run.skipped_items) }} title={`${run.skipped_items} skipped`} />
      <i class="failed" style={{ width: share(run.failed_items) }} title={`${run.failed_items} failed`} />
    </div>
  );
}

function arrival(run: ProgressView, now: number): string {
  if (run.state === 'stalled') return `no progress for ${span(now - run.updated_at)}`;
  if (run.state === 'paused') return `paused for ${span(now - run.updated_at)}`;
  if (!run.remaining_seconds) return run.total_items > 0 ? 'too early to say' : 'total not known';
  const { low, high, likely } = run.remaining_seconds;
  const from = now + low * 1000;
  const to = now + high * 1000;
  return hour(from) === hour(to)
    ? `done at ${when(now + likely * 1000, now)}`
    : `done ${when(from, now)}–${hour(to)}, likely ${hour(now + likely * 1000)}`;
}

function Job({ run, before }: { run: ProgressView; before: ProgressView | undefined }) {
  const now = serverNow();
  const { tone } = look(run.state);
  const pace =
    before?.items_per_second && run.items_per_second ? run.items_per_second / before.items_per_second - 1 : null;
  return (
    <article>
      <header>
        <h2>{run.name}</h2>
        <Status state={run.state} />
        <span class="weak">{run.message}</span>
        <b class="percent">{run.ratio === null ? text(run.processed_items, 'count') : text(run.ratio, 'ratio')}</b>
      </header>
      <Bar run={run} />
      <dl class="line">
        <div>
          <dt>Items</dt>
          <dd>
            {text(run.processed_items, 'count')}
            {run.total_items > 0 && <span class="weak"> of {text(run.total_items, 'count')}</span>}
          </dd>
        </div>
        <div>
          <dt>Rate</dt>
          <dd>
            {text(run.items_per_second, 'per_second')}
            {pace !== null && Math.abs(pace) >= 0.05 && (
              <span class="weak">
                {' '}
                {text(Math.abs(pace), 'ratio')} {pace < 0 ? 'slower' : 'faster'} than last time
              </span>
            )}
          </dd>
        </div>
        <div>
          <dt>Arrival</dt>
          <dd class={tone === 'error' ? 'error' : ''}>{arrival(run, now)}</dd>
        </div>
        <div>
          <dt>Went well</dt>
          <dd>{text(run.successful_items, 'count')}</dd>
        </div>
        <div>
          <dt>Failed</dt>
          <dd class={run.failed_items > 0 ? 'error' : ''}>{text(run.failed_items, 'count')}</dd>
        </div>
        <div>
          <dt>Skipped</dt>
          <dd>{text(run.skipped_items, 'count')}</dd>
        </div>
        {run.restored_items > 0 && (
          <div>
            <dt>Restored</dt>
            <dd>{text(run.restored_items, 'count')}</dd>
          </div>
        )}
        {run.checkpoint_at !== null && (
          <div>
            <dt>Checkpoint</dt>
            <dd title={run.checkpoint_file ?? ''}>{ago(run.checkpoint_at, now)}</dd>
          </div>
        )}
        <div>
          <dt>Running for</dt>
          <dd>{span(run.elapsed_seconds * 1000)}</dd>
        </div>
      </dl>
    </article>
  );
}

function Past({ of }: { of: readonly ProgressView[] }) {
  const now = serverNow();
  return (
    <section class="group">
      <h2>Earlier runs</h2>
      <div class="scroll">
        <table class="rows">
          <thead>
            <tr>
              <th scope="col">Job</th>
              <th scope="col">End</th>
              <th scope="col" class="number">
                Items
              </th>
              <th scope="col" class="number">
                Failed
              </th>
              <th scope="col" class="number">
                Rate
              </th>
              <th scope="col" class="number">
                Took
              </th>
              <th scope="col" class="number">
                When
              </th>
            </tr>
          </thead>
          <tbody>
            {of.slice(0, 100).map((run) => (
              <tr key={run.id}>
                <th scope="row">
                  {run.name} <span class="weak">{run.message}</span>
                </th>
                <td>
                  <Status state={run.state} />
                </td>
                <td class="number">
                  {text(run.processed_items, 'count')}
                  {run.processed_items !== run.total_items && run.total_items > 0 && (
                    <span class="weak"> of {text(run.total_items, 'count')}</span>
                  )}
                </td>
                <td class="number">{text(run.failed_items, 'count')}</td>
                <td class="number">{text(run.items_per_second, 'per_second')}</td>
                <td class="number">{span(run.elapsed_seconds * 1000)}</td>
                <td class="number">{when(run.ended_at ?? run.updated_at, now)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {of.length > 100 && <p class="note">{plural(of.length - 100, 'older run')} not shown.</p>}
    </section>
  );
}
