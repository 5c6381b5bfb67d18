import type { ServerResponse } from 'node:http';
import type { SelfView, StreamEvent } from '../../model/api.ts';
import type { MonitorEvent } from '../../model/event.ts';
import type { ServerOptions } from '../options.ts';
import { Refusal } from '../refusal.ts';
import type { Uptimes } from '../views/uptimes.ts';
import { summarize } from '../views/verdict.ts';
import { streamEvent, streamKey } from './event-view.ts';

/** How long events gather before they go out together; of one thing only the newest state is told. */
const gatherMs = 250;
const tickMs = 5000;
/** What a client may leave unread before it is cut off; it reconnects and starts afresh. */
const mostUnreadBytes = 1_048_576;
const mostPending = 2000;

/** Server-sent events for every open dashboard: each event is built and framed once, whoever listens. */
export interface LiveStream {
  /** Starts streaming into a response. `allowed` is asked again at every tick. Throws a Refusal when too many look on. */
  open(outgoing: ServerResponse, headers: Readonly<Record<string, string>>, allowed: () => boolean): void;
  readonly clients: number;
  /** Events that were not told, and clients cut off because they did not read. */
  readonly dropped: Readonly<{ stream_events: number; stream_clients_cut: number }>;
  /** Ends every stream at once. */
  stop(): void;
}

interface Client {
  readonly outgoing: ServerResponse;
  readonly allowed: () => boolean;
}

export function createLiveStream(options: ServerOptions, uptimes: Uptimes, self: () => SelfView): LiveStream {
  const { clock, log } = options;
  const clients = new Set<Client>();
  const dropped = { stream_events: 0, stream_clients_cut: 0 };
  const pending = new Map<string, MonitorEvent>();
  let gathering = false;
  let stopped = false;

  const cut = (client: Client) => {
    clients.delete(client);
    client.outgoing.destroy();
  };
  const send = (frame: Buffer) => {
    for (const client of clients) {
      if (client.outgoing.writableLength > mostUnreadBytes) {
        dropped.stream_clients_cut += 1;
        cut(client);
      } else client.outgoing.write(frame);
    }
  };
  const flush = async () => {
    const events = [...pending.values()];
    pending.clear();
    gathering = false;
    const frames: string[] = [];
    for (const event of events) {
      const view = await streamEvent(event, options, uptimes);
      if (view) frames.push(frame(view));
    }
    if (frames.length > 0) send(Buffer.from(frames.join('')));
  };
  const endListening = options.events.listen((event) => {
    const key = streamKey(event);
    // Nobody looks: nothing is built and nothing is kept.
    if (key === undefined || clients.size === 0 || stopped) return;
    if (pending.size >= mostPending && !pending.has(key)) {
      dropped.stream_events += 1;
      return;
    }
    pending.set(key, event);
    if (gathering) return;
    gathering = true;
    clock.after(gatherMs, () => {
      flush().catch((error: unknown) => log.error({ error }, 'The live stream could not tell its events.'));
    });
  });
  const ticking = clock.every(tickMs, () => {
    for (const client of clients) if (!client.allowed()) client.outgoing.end(() => clients.delete(client));
    if (clients.size > 0) send(Buffer.from(frame(tick(options, self()))));
  });

  return {
    open(outgoing, headers, allowed) {
      if (clients.size >= options.settings.max_stream_clients) {
        throw new Refusal('too-many-streams', `${clients.size} streams are open, which is the most.`, {
          hint: 'Poll GET /monitoring/api/overview instead, or raise server.max_stream_clients.',
          headers: { 'retry-after': '30' },
        });
      }
      const client: Client = { outgoing, allowed };
      clients.add(client);
      outgoing.on('close', () => clients.delete(client));
      // A reset connection is the client's business; without a listener it would be an uncaught exception.
      outgoing.on('error', () => clients.delete(client));
      outgoing.writeHead(200, {
        ...headers,
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
      const hello: StreamEvent = { type: 'hello', at: clock.now(), version: options.version };
      outgoing.write(`retry: 2000\n\n${frame(hello)}${frame(tick(options, self()))}`);
    },
    get clients() {
      return clients.size;
    },
    dropped,
    stop() {
      stopped = true;
      endListening();
      ticking.cancel();
      for (const client of clients) {
        client.outgoing.end();
        client.outgoing.destroy();
      }
      clients.clear();
    },
  };
}

function tick(options: ServerOptions, self: SelfView): StreamEvent {
  const now = options.clock.now();
  const { verdict, sentence } = summarize(options.checks.all(), options.alerts.active(), now);
  return { type: 'tick', at: now, self, verdict, sentence };
}

/** One event on the wire. JSON has no raw line breaks, so one `data:` line holds it. */
function frame(event: StreamEvent): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
