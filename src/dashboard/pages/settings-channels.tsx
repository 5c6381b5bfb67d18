import '../style/channels.css';
import { useSignal } from '@preact/signals';
import type { AttemptView, ChannelView } from '../../model/api.ts';
import { invalidate, useQuery } from '../data/query.ts';
import { mayAct, request } from '../data/request.ts';
import { eachTenSeconds, serverNow } from '../data/time.ts';
import { attempt, say } from '../frame/notices.tsx';
import { Answer } from '../show/answer.tsx';
import { Empty } from '../show/empty.tsx';
import { ago, moment, span, text, when } from '../show/format.ts';
import { Icon } from '../show/icons.tsx';
import { Status } from '../show/status.tsx';

/** Who is told, whether it arrives, and what came of the last attempts. */
export function Channels() {
  eachTenSeconds();
  const open = useSignal<string | undefined>(undefined);
  const query = useQuery<{ channels: ChannelView[] }>('channels', () => '/channels', { on: ['alert'], every: 15_000 });
  return (
    <Answer of={query}>
      {({ channels }) =>
        channels.length === 0 ? (
          <Empty
            title="Nobody would be told."
            file="monitoring_config.json"
            code={'"notifications": {\n  "webhooks": [{ "webhook_url": "https://hooks.example/cryo" }]\n}'}
          >
            A channel is a way to tell somebody. Alerts are recorded without one, too.
          </Empty>
        ) : (
          <div class="scroll">
            <table class="rows channels">
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
              {channels.map((channel) => (
                <tbody key={channel.name}>
                  <Row channel={channel} open={open.value === channel.name} onOpen={(name) => (open.value = name)} />
                </tbody>
              ))}
            </table>
          </div>
        )
      }
    </Answer>
  );
}

function Row(props: { channel: ChannelView; open: boolean; onOpen: (name: string | undefined) => void }) {
  const { channel, open, onOpen } = props;
  const now = serverNow();
  return (
    <>
      <tr>
        <th scope="row">
          {channel.name}
          <p class="weak">{channel.target}</p>
        </th>
        <td>
          <Status state={channel.health} />
          <Trouble of={channel} now={now} />
        </td>
        <td>{channel.min_severity}</td>
        <td class="number">{text(channel.delivered, 'count')}</td>
        <td class="number">{text(channel.queued, 'count')}</td>
        <td class={`number${channel.dead > 0 ? ' error' : ''}`}>{text(channel.dead, 'count')}</td>
        <td class="number">{ago(channel.last_delivered_at, now)}</td>
        <td class="does">
          <button
            type="button"
            class="small"
            aria-expanded={open}
            onClick={() => onOpen(open ? undefined : channel.name)}
          >
            Attempts
          </button>{' '}
          <TestButton name={channel.name} />
        </td>
      </tr>
      {open && (
        <tr>
          <td colSpan={8}>
            <Attempts channel={channel.name} />
          </td>
        </tr>
      )}
    </>
  );
}

/** Why it fails, for how long it is left alone, and who is told instead. */
function Trouble({ of: channel, now }: { of: ChannelView; now: number }) {
  if (channel.health === 'ok') return null;
  return (
    <>
      {channel.last_error && <p class="weak">{channel.last_error}</p>}
      {channel.breaker === 'open' && channel.opens_at !== null && (
        <p class="weak">Left alone for another {span(Math.max(0, channel.opens_at - now))}.</p>
      )}
      {channel.breaker === 'half-open' && <p class="weak">The next message decides whether it works again.</p>}
      {channel.fallback && <p class="weak">Told instead: {channel.fallback}.</p>}
    </>
  );
}

function Attempts({ channel }: { channel: string }) {
  const query = useQuery<{ attempts: AttemptView[] }>(
    `attempts ${channel}`,
    () => `/channels/${encodeURIComponent(channel)}/attempts?limit=10`,
    { on: ['alert'], every: 15_000 },
  );
  const now = serverNow();
  return (
    <Answer of={query}>
      {({ attempts }) =>
        attempts.length === 0 ? (
          <p class="weak">Nothing was sent through it yet.</p>
        ) : (
          <ol class="attempts">
            {attempts.map((each) => (
              <li key={each.at + each.summary}>
                <time title={moment(each.at)}>{when(each.at, now)}</time>
                <Status state={each.outcome} />
                <span class="number">{text(each.duration_ms, 'ms')}</span>
                <code>{each.summary}</code>
              </li>
            ))}
          </ol>
        )
      }
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
    invalidate(`attempts ${name}`);
  };
  return (
    <button type="button" class="small" disabled={busy.value} onClick={() => void test()}>
      <Icon name="send" size={13} /> {busy.value ? 'Sending…' : 'Send a test'}
    </button>
  );
}
