import type { SelfView, StoreView } from '../../model/api.ts';
import { useQuery } from '../data/query.ts';
import { pulse } from '../data/stream.ts';
import { eachTenSeconds, serverNow } from '../data/time.ts';
import { Answer } from '../show/answer.tsx';
import { Chart } from '../show/chart.tsx';
import { ago, moment, plural, span, text, words } from '../show/format.ts';
import { Facts } from '../show/page.tsx';
import { Status } from '../show/status.tsx';

/** What could not be kept. Nothing lost is said, too. */
export function Losses({ of }: { of: Record<string, number> }) {
  const list = Object.entries(of).filter(([, count]) => count > 0);
  if (list.length === 0) return <Status state="ok" quiet word="Nothing" />;
  return (
    <Status state="warning" word={list.map(([what, count]) => `${text(count, 'count')} ${words(what)}`).join(', ')} />
  );
}

/** What is kept, for how long, and what it takes on the disk. */
export function Store() {
  eachTenSeconds();
  const now = serverNow();
  const query = useQuery<StoreView>('store', () => '/store', { every: 15_000 });
  return (
    <Answer of={query}>
      {(store) => (
        <>
          {store.problem && (
            <p class="callout">
              <Status state="error" word="The disk" /> {store.problem}
            </p>
          )}
          <dl class="line spaced big">
            <div>
              <dt>On disk</dt>
              <dd>{text(store.size_bytes, 'bytes')}</dd>
            </div>
            <div>
              <dt>Series</dt>
              <dd>{text(store.series, 'count')}</dd>
            </div>
            <div>
              <dt>Samples</dt>
              <dd>{text(store.samples, 'count')}</dd>
            </div>
            <div>
              <dt>Bytes per sample</dt>
              <dd>{text(store.bytes_per_sample, 'count')}</dd>
            </div>
            <div>
              <dt>Oldest</dt>
              <dd>{ago(store.oldest_at, now)}</dd>
            </div>
          </dl>
          <div class="scroll">
            <table class="rows">
              <thead>
                <tr>
                  <th scope="col">Resolution</th>
                  <th scope="col" class="number">
                    Kept for
                  </th>
                  <th scope="col" class="number">
                    Points
                  </th>
                  <th scope="col" class="number">
                    On disk
                  </th>
                  <th scope="col" class="number">
                    Oldest
                  </th>
                </tr>
              </thead>
              <tbody>
                {store.tiers.map((tier) => (
                  <tr key={tier.tier}>
                    <th scope="row">{tier.tier}</th>
                    <td class="number">{plural(tier.retention_days, 'day')}</td>
                    <td class="number">{text(tier.points, 'count')}</td>
                    <td class="number">{text(tier.size_bytes, 'bytes')}</td>
                    <td class="number">{ago(tier.oldest_at, now)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <section class="group">
            <h2>Lost or folded</h2>
            <Losses of={store.drops} />
            {store.overflow.map(({ metric, label, folded }) => (
              <p key={metric + label} class="note">
                <code>{metric}</code>: {plural(folded, 'value')} of <code>{label}</code> went into <code>other</code>,
                the label budget was used up.
              </p>
            ))}
          </section>
        </>
      )}
    </Answer>
  );
}

/** What the watching itself costs and loses. */
export function Monitor() {
  eachTenSeconds();
  const query = useQuery<SelfView>('self', () => '/self', { every: 10_000 });
  return (
    <Answer of={query}>
      {(answer) => {
        const self = pulse.value?.self ?? answer;
        const labels = { process: 'monitor' };
        return (
          <>
            <div class="multiples">
              <Chart
                level={2}
                title="CPU"
                unit="ratio"
                lines={[{ label: 'CPU', metric: 'process_cpu_ratio', labels, aggregate: 'avg' }]}
              />
              <Chart
                level={2}
                title="Memory"
                unit="bytes"
                lines={[{ label: 'Resident', metric: 'process_memory_rss_bytes', labels, aggregate: 'avg' }]}
              />
              <Chart
                level={2}
                title="Event-loop delay"
                unit="seconds"
                lines={[{ label: 'p99', metric: 'process_event_loop_delay_p99_seconds', labels, aggregate: 'max' }]}
              />
            </div>
            <div class="columns even">
              <section>
                <h2>Now</h2>
                <Facts
                  of={[
                    ['Version', self.version],
                    [
                      'Runs',
                      self.mode === 'embedded' ? 'in a worker thread of the application' : 'as a process of its own',
                    ],
                    ['Process', String(self.pid)],
                    ['Started', `${moment(self.started_at)}, ${span(serverNow() - self.started_at)} ago`],
                    ['CPU', text(self.cpu_ratio, 'ratio')],
                    ['Memory', text(self.rss_bytes, 'bytes')],
                    ['Event-loop delay p99', text(self.event_loop_delay_p99_seconds, 'seconds')],
                    ['Store', text(self.store_size_bytes, 'bytes')],
                    ['Notifications queued', text(self.outbox_queued, 'count')],
                    ['Open pages', text(self.stream_clients, 'count')],
                  ]}
                />
              </section>
              <section>
                <h2>Lost since the start</h2>
                <Losses of={self.dropped} />
                <p class="note">
                  Whatever the monitor drops, samples or shortens is counted, and the count stands here.
                </p>
              </section>
            </div>
          </>
        );
      }}
    </Answer>
  );
}
