import '../style/pages.css';
import { useSignal } from '@preact/signals';
import type { AgentView, ChannelView, ConfigView } from '../../model/api.ts';
import { invalidate, useQuery } from '../data/query.ts';
import { mayAct, request } from '../data/request.ts';
import { eachTenSeconds, serverNow } from '../data/time.ts';
import { attempt, say } from '../frame/notices.tsx';
import { Answer } from '../show/answer.tsx';
import { Empty } from '../show/empty.tsx';
import { ago, inline, span, text } from '../show/format.ts';
import { Icon } from '../show/icons.tsx';
import { chosenTab, Filter, Head, matches, Tabs } from '../show/page.tsx';
import { Status } from '../show/status.tsx';
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

function TestButton({ name }: { name: string }) {
  const busy = useSignal(false);
  if (!mayAct()) return null;
  const test = async () => {
    busy.value = true;
    await attempt(async () => {
      const result = await request<{ outcome?: string; summary?: string }>(
        `/channels/${encodeURIComponent(name)}/test`,
        { method: 'POST' },
      );
      const good = result?.outcome === undefined || result.outcome === 'delivered';
      say(
        `${name}: ${good ? 'the test message was delivered' : 'the test message was not delivered'}${result?.summary ? ` (${result.summary})` : ''}.`,
        { tone: good ? 'info' : 'error' },
      );
    });
    busy.value = false;
    invalidate('channels');
  };
  return (
    <button type="button" class="small" disabled={busy.value} onClick={() => void test()}>
      <Icon name="send" size={13} /> {busy.value ? 'Sending…' : 'Send a test'}
    </button>
  );
}

function Channels() {
  eachTenSeconds();
  const now = serverNow();
  const query = useQuery<{ channels: ChannelView[] }>('channels', () => '/channels', { on: ['alert'], every: 15_000 });
  return (
    <Answer of={query}>
      {({ channels }) =>
        channels.length === 0 ? (
          <Empty
            title="Nobody would be told."
            file="monitoring_config.json"
            code={'"notifications": {\n  "webhooks": [{ "enabled": true, "url": "https://hooks.example/cryo" }]\n}'}
          >
            A channel is a way to tell somebody. Alerts are recorded without one, too.
          </Empty>
        ) : (
          <div class="scroll">
            <table class="rows">
              <thead>
                <tr>
                  <th scope="col">Channel</th>
                  <th scope="col">Health</th>
                  <th scope="col">From</th>
                  <th scope="col" class="number">
                    Delivered
                  </th>
                  <th scope="col" class="number">
                    Queued
                  </th>
                  <th scope="col" class="number">
                    Given up
                  </th>
                  <th scope="col" class="number">
                    Last
                  </th>
                  <th scope="col">
                    <span class="hidden">Actions</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {channels.map((channel) => (
                  <tr key={channel.name}>
                    <th scope="row">
                      {channel.name}
                      <p class="weak">{channel.target}</p>
                    </th>
                    <td>
                      <Status state={channel.health} />
                      {channel.last_error && channel.health !== 'ok' && <p class="weak">{channel.last_error}</p>}
                    </td>
                    <td>{channel.min_severity}</td>
                    <td class="number">{text(channel.delivered, 'count')}</td>
                    <td class="number">{text(channel.queued, 'count')}</td>
                    <td class={`number${channel.dead > 0 ? ' error' : ''}`}>{text(channel.dead, 'count')}</td>
                    <td class="number">{ago(channel.last_delivered_at, now)}</td>
                    <td class="does">
                      <TestButton name={channel.name} />
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
