import { useEffect } from 'preact/hooks';
import type { AgentView, CardView, OverviewView, SelfView } from '../../model/api.ts';
import { useOverview } from '../data/overview.ts';
import { learnFirstData } from '../data/range.ts';
import { href, localLink } from '../data/route.ts';
import type { Line } from '../data/series.ts';
import { pulse } from '../data/stream.ts';
import { eachSecond, serverNow } from '../data/time.ts';
import { Answer } from '../show/answer.tsx';
import { Chart } from '../show/chart.tsx';
import { ago, parts, span, text, words } from '../show/format.ts';
import { Spark } from '../show/spark.tsx';
import { Dot, Shape, Status } from '../show/status.tsx';
import { Journal, Timeline } from '../show/timeline.tsx';

/** Is everything well, and what changed? The verdict in words first, then numbers. */
export function Overview() {
  return (
    <div class="page overview">
      <Answer of={useOverview()}>{(data) => <Content data={data} />}</Answer>
    </div>
  );
}

function Content({ data }: { data: OverviewView }) {
  const first = data.timeline.find(({ verdict }) => verdict !== 'unknown')?.from ?? data.self.started_at;
  useEffect(() => learnFirstData(Math.min(first, data.self.started_at)), []);
  return (
    <>
      <Verdict data={data} />
      <section class="cards" aria-label="Areas">
        {data.cards.map((card) => (
          <Card key={card.id} card={card} />
        ))}
      </section>
      <Timeline of={data.timeline} journal={data.changes} at={data.at} />
      <Charts data={data} />
      <div class="columns">
        <section class="wide">
          <h2>What changed</h2>
          <Journal
            entries={data.changes.slice(0, 14)}
            at={data.at}
            empty="Nothing has changed since the monitor began to look."
          />
        </section>
        <section>
          <h2>
            <a href={href(['settings'], { tab: 'agents' })}>Who reports</a>
          </h2>
          <Agents agents={data.agents} />
          <h2>
            <a href={href(['settings'], { tab: 'monitor' })}>This monitor</a>
          </h2>
          <Cost self={pulse.value?.self ?? data.self} />
        </section>
      </div>
    </>
  );
}

/** Puts the numbers of a sentence in tabular figures without changing its words. */
function Verdict({ data }: { data: OverviewView }) {
  const fine = data.verdict === 'ok';
  return (
    <section class={`verdict ${data.verdict}`} aria-live="polite">
      <h1>
        <Shape tone={data.verdict} size={22} />
        <span class="hidden">
          {{ ok: 'Fine', warning: 'Warning', error: 'Failing', unknown: 'Unknown' }[data.verdict]}:{' '}
        </span>
        <span>{data.sentence}</span>
      </h1>
      {data.details.length > 0 && !(fine && data.details.length === 1) && (
        <ul>
          {data.details.slice(0, 6).map((detail) => (
            <li key={detail.text}>
              <a href={localLink(detail.link)}>
                <Dot state={detail.verdict} size={11} />
                {detail.text}
              </a>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Card({ card }: { card: CardView }) {
  const { number, unit } = parts(card.value, card.unit);
  const state = { ok: 'accent', unknown: 'unknown', warning: 'warning', error: 'error' }[card.verdict];
  return (
    <a class={`card ${card.verdict}`} href={href([card.id])}>
      <h2>
        {card.title}
        <Dot state={card.verdict} size={11} />
      </h2>
      <p class="figure">
        {number}
        <small>{unit}</small>
      </p>
      <Spark points={card.spark} tone={state} />
      <p class="say" title={card.text}>
        {card.text}
      </p>
    </a>
  );
}

const machine: readonly Line[] = [
  { label: 'CPU', metric: 'system_cpu_usage_ratio', aggregate: 'avg' },
  { label: 'Memory', metric: 'system_memory_usage_ratio', aggregate: 'avg' },
];

/** Small multiples of what most often explains the rest. */
function Charts({ data }: { data: OverviewView }) {
  const has = (id: CardView['id']) => data.cards.some((card) => card.id === id && card.value !== null);
  const app = data.agents.some(({ state }) => state !== 'gone');
  return (
    <section class="multiples" aria-label="Developments">
      <Chart title="Machine, CPU and memory" lines={machine} unit="ratio" link={href(['system'])} />
      {has('databases') && (
        <Chart
          title="Databases, time to answer"
          unit="seconds"
          most={3}
          link={href(['databases'])}
          lines={[
            { label: 'Time', metric: 'check_duration_seconds', labels: { component: 'database' }, aggregate: 'avg' },
          ]}
        />
      )}
      {has('endpoints') && (
        <Chart
          title="Endpoints, slowest now"
          unit="seconds"
          most={2}
          link={href(['endpoints'])}
          lines={[{ label: 'Time', metric: 'check_duration_seconds', labels: { component: 'api' }, aggregate: 'avg' }]}
        />
      )}
      <Chart
        title={app ? 'Event-loop delay of the app' : 'Event-loop delay of the monitor'}
        unit="seconds"
        link={href(['system'])}
        lines={[
          {
            label: 'Delay p99',
            metric: 'process_event_loop_delay_p99_seconds',
            labels: { process: app ? 'app' : 'monitor' },
            aggregate: 'max',
          },
        ]}
      />
    </section>
  );
}

function Agents({ agents }: { agents: readonly AgentView[] }) {
  if (agents.length === 0)
    return (
      <p class="note">
        No application reports here yet. One line in yours does it: <code>startMonitoring(app)</code>
      </p>
    );
  return (
    <table class="plain">
      <thead>
        <tr>
          <th scope="col">Process</th>
          <th scope="col">State</th>
          <th scope="col" class="number">
            CPU
          </th>
          <th scope="col" class="number">
            Memory
          </th>
          <th scope="col" class="number">
            Loop p99
          </th>
        </tr>
      </thead>
      <tbody>
        {agents.slice(0, 6).map((agent) => (
          <tr key={agent.instance}>
            <th scope="row" title={agent.instance}>
              {agent.service} <span class="weak">{agent.release}</span>
            </th>
            <td>
              <Status
                state={agent.state}
                quiet
                word={agent.state === 'blocked' ? `Blocked ${span(agent.silent_ms)}` : undefined}
              />
            </td>
            <td class="number">{text(agent.cpu_ratio, 'ratio')}</td>
            <td class="number">{text(agent.rss_bytes, 'bytes')}</td>
            <td class="number">{text(agent.event_loop_delay_p99_seconds, 'seconds')}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What watching costs, and what was lost while watching. */
function Cost({ self }: { self: SelfView }) {
  eachSecond();
  const losses = Object.entries(self.dropped).filter(([, count]) => count > 0);
  return (
    <>
      <p class="inline-facts">
        <span>
          <b>{text(self.cpu_ratio, 'ratio')}</b> CPU
        </span>
        <span>
          <b>{text(self.rss_bytes, 'bytes')}</b> memory
        </span>
        <span>
          <b>{text(self.store_size_bytes, 'bytes')}</b> on disk
        </span>
        <span>
          <b>{self.outbox_queued}</b> queued
        </span>
        <span>
          up <b>{span(serverNow() - self.started_at)}</b>
        </span>
      </p>
      <p class="losses">
        {losses.length === 0 ? (
          <Status state="ok" quiet word="Nothing was lost" />
        ) : (
          <Status
            state="warning"
            word={`Lost since the start: ${losses.map(([what, count]) => `${text(count, 'count')} ${words(what)}`).join(', ')}`}
          />
        )}
        <span class="hidden">, {ago(self.started_at, serverNow())}</span>
      </p>
    </>
  );
}
