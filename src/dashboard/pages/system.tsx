import '../style/pages.css';
import type { CheckView, SystemView } from '../../model/api.ts';
import { useChecks } from '../data/checks.ts';
import { useQuery } from '../data/query.ts';
import { href } from '../data/route.ts';
import { eachTenSeconds } from '../data/time.ts';
import { Answer } from '../show/answer.tsx';
import { Chart } from '../show/chart.tsx';
import { Empty } from '../show/empty.tsx';
import { plural, span, text } from '../show/format.ts';
import { Head } from '../show/page.tsx';
import { Shape, Status } from '../show/status.tsx';

const groups = [
  { id: 'machine', title: 'Machine' },
  { id: 'application', title: 'Application process' },
  { id: 'monitor', title: 'This monitor' },
] as const;

/** Has the machine room? And what do the processes on it do? */
export function System() {
  const system = useQuery<SystemView>('system', () => '/system', { every: 10_000 });
  const checks = useChecks();
  return (
    <div class="page">
      <Answer of={system}>
        {(data) => (
          <Content
            data={data}
            checks={(checks.data.value?.checks ?? []).filter(
              ({ component }) => component === 'system' || component === 'application',
            )}
          />
        )}
      </Answer>
    </div>
  );
}

function lead(data: SystemView): string {
  const full = data.figures.filter(({ verdict }) => verdict === 'warning' || verdict === 'error');
  if (full.length === 0) return 'The machine has room.';
  return `${full.map(({ title, value, unit, error, warning, verdict }) => `${title} at ${text(value, unit)}, ${verdict} above ${text(verdict === 'error' ? error : warning, unit)}`).join('; ')}.`;
}

function Content({ data, checks }: { data: SystemView; checks: readonly CheckView[] }) {
  eachTenSeconds();
  // What the machine's own check warns of stands in the lead already.
  const troubled = checks.filter(
    ({ status, component }) => status !== 'ok' && (component !== 'system' || status === 'stale'),
  );
  return (
    <>
      <Head title={data.hostname} lead={lead(data)}>
        <dl class="line">
          <div>
            <dt>Platform</dt>
            <dd>{data.platform}</dd>
          </div>
          <div>
            <dt>Cores</dt>
            <dd>{data.cpu_count}</dd>
          </div>
          <div>
            <dt>Memory</dt>
            <dd>{text(data.total_memory_bytes, 'bytes')}</dd>
          </div>
          <div>
            <dt>Up</dt>
            <dd>{span(data.uptime_seconds * 1000)}</dd>
          </div>
        </dl>
      </Head>
      {troubled.map((check) => (
        <p key={check.id} class="callout">
          <Status state={check.status} />{' '}
          <span>
            <b>{check.name}</b>: {check.reason}
          </span>
        </p>
      ))}
      {groups.map(({ id, title }) => (
        <Group key={id} id={id} title={title} figures={data.figures.filter(({ group }) => group === id)} />
      ))}
    </>
  );
}

/** The group's heading says whose it is. */
function plainTitle(title: string): string {
  const rest = title.replace(/^(Application|Monitor)\s+/, '');
  return rest.charAt(0).toUpperCase() + rest.slice(1);
}

function Group({ id, title, figures }: { id: string; title: string; figures: SystemView['figures'] }) {
  if (figures.length === 0) {
    if (id !== 'application') return null;
    return (
      <section class="group">
        <h2>{title}</h2>
        <Empty
          title="No application reports here yet."
          file="app.js"
          code={
            "import express from 'express';\nimport { startMonitoring } from 'cryoprotect-monitoring';\n\nconst app = express();\nstartMonitoring(app);"
          }
        >
          With one line its CPU, memory, event loop and garbage collection stand here.
        </Empty>
      </section>
    );
  }
  const bad = figures.filter(({ verdict }) => verdict === 'warning' || verdict === 'error');
  return (
    <section class="group">
      <h2>
        {title}
        {bad.length > 0 && (
          <span class="weak">
            {' '}
            <Shape tone={bad.some(({ verdict }) => verdict === 'error') ? 'error' : 'warning'} size={10} />{' '}
            {plural(bad.length, 'figure')} above its line
          </span>
        )}
        {id === 'monitor' && (
          <a class="weak" href={href(['settings'], { tab: 'monitor' })}>
            what it costs and loses
          </a>
        )}
      </h2>
      <div class={`multiples ${id}`}>
        {figures.map((figure) => (
          <Chart
            key={figure.id}
            title={plainTitle(figure.title)}
            unit={figure.unit}
            lines={figure.lines}
            warning={figure.warning}
            error={figure.error}
            help={figure.help}
            height={id === 'machine' ? 148 : 108}
          />
        ))}
      </div>
    </section>
  );
}
