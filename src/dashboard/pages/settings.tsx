import '../style/pages.css';
import type { AgentView, ConfigView } from '../../model/api.ts';
import { useQuery } from '../data/query.ts';
import { eachTenSeconds, serverNow } from '../data/time.ts';
import { Answer } from '../show/answer.tsx';
import { Empty } from '../show/empty.tsx';
import { ago, inline, span, text } from '../show/format.ts';
import { chosenTab, Filter, Head, matches, Tabs } from '../show/page.tsx';
import { Status } from '../show/status.tsx';
import { Channels } from './settings-channels.tsx';
import { Losses, Monitor, Store } from './settings-monitor.tsx';

const tabs = [
  { id: 'configuration', text: 'Configuration' },
  { id: 'channels', text: 'Channels' },
  { id: 'agents', text: 'Applications' },
  { id: 'store', text: 'Store' },
  { id: 'monitor', text: 'This monitor' },
] as const;

/** What is configured, and from where? And what does the watching itself cost? */
export function Settings() {
  const tab = chosenTab('tab', 'configuration');
  return (
    <div class="page">
      <Head title="Settings">{tab === 'configuration' && <Filter label="Filter settings" />}</Head>
      <Tabs name="tab" label="Settings" options={tabs} />
      {tab === 'configuration' && <Configuration />}
      {tab === 'channels' && <Channels />}
      {tab === 'agents' && <Agents />}
      {tab === 'store' && <Store />}
      {tab === 'monitor' && <Monitor />}
    </div>
  );
}

/** `file /srv/app/monitoring_config.json` -> `file monitoring_config.json`: the whole path stands in the title. */
function shortOrigin(origin: string): string {
  return origin.replace(/\S*[/\\]/, '');
}

function Configuration() {
  const query = useQuery<ConfigView>('config', () => '/config');
  return (
    <Answer of={query}>
      {(config) => (
        <>
          <p class="prose">
            {config.file ? (
              <>
                Read from <code>{config.file}</code>.
              </>
            ) : (
              'No configuration file: everything is a default, an environment variable or an argument.'
            )}{' '}
            Secrets are masked. A later layer wins: default, file, environment, argument.
          </p>
          {config.warnings.map((warning) => (
            <p key={warning} class="callout">
              <Status state="warning" word="Look at this" /> {warning}
            </p>
          ))}
          <div class="scroll">
            <table class="rows settings">
              <thead>
                <tr>
                  <th scope="col">Setting</th>
                  <th scope="col">Value</th>
                  <th scope="col">From</th>
                  <th scope="col">What it does</th>
                </tr>
              </thead>
              <tbody>
                {config.settings
                  .filter(({ path, value, description, origin }) => matches(path, inline(value), description, origin))
                  .map(({ path, value, origin, description, dormant }) => (
                    <tr key={path} class={origin === 'default' ? 'default' : ''}>
                      <th scope="row">
                        <code>{path}</code>
                      </th>
                      <td class="value">
                        <code>{typeof value === 'number' ? value : inline(value)}</code>
                      </td>
                      <td title={origin}>{shortOrigin(origin)}</td>
                      <td class="prose">
                        {description}
                        {dormant && (
                          <p>
                            <Status state="unknown" quiet word={`Does nothing yet: ${dormant}`} />
                          </p>
                        )}
                      </td>
                    </tr>
                  ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </Answer>
  );
}

function Agents() {
  eachTenSeconds();
  const now = serverNow();
  const query = useQuery<{ agents: AgentView[] }>('agents', () => '/agents', { on: ['journal'], every: 5000 });
  return (
    <Answer of={query}>
      {({ agents }) =>
        agents.length === 0 ? (
          <Empty
            title="No application reports here yet."
            file="app.js"
            code={"import { startMonitoring } from 'cryoprotect-monitoring';\n\nstartMonitoring(app);"}
          >
            Each process that reports stands here, with what it could not keep.
          </Empty>
        ) : (
          <div class="scroll">
            <table class="rows">
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
                    Heap
                  </th>
                  <th scope="col" class="number">
                    Loop p99
                  </th>
                  <th scope="col" class="number">
                    Loop busy
                  </th>
                  <th scope="col" class="number">
                    Seen
                  </th>
                  <th scope="col">Lost</th>
                </tr>
              </thead>
              <tbody>
                {agents.map((agent) => (
                  <tr key={agent.instance}>
                    <th scope="row">
                      {agent.service} <span class="weak">{agent.release}</span>
                      <p class="weak">
                        {agent.host}, pid {agent.pid}
                        {agent.framework && `, ${agent.framework}`}
                      </p>
                    </th>
                    <td>
                      <Status
                        state={agent.state}
                        word={agent.state === 'blocked' ? `Blocked ${span(agent.silent_ms)}` : undefined}
                      />
                    </td>
                    <td class="number">{text(agent.cpu_ratio, 'ratio')}</td>
                    <td class="number">{text(agent.rss_bytes, 'bytes')}</td>
                    <td class="number">{text(agent.heap_used_bytes, 'bytes')}</td>
                    <td class="number">{text(agent.event_loop_delay_p99_seconds, 'seconds')}</td>
                    <td class="number">{text(agent.event_loop_utilization_ratio, 'ratio')}</td>
                    <td class="number">{ago(agent.last_seen_at, now)}</td>
                    <td>
                      <Losses of={agent.dropped} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )
      }
    </Answer>
  );
}
