/**
 * The server's room. In come HTTP requests, out go answers, the live stream and the dashboard's files. It asks the other
 * rooms through the views it is given and never decides, stores or sends anything itself.
 */
import type { Server } from 'node:http';
import { isIPv6 } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { MonitorError } from '../model/problem.ts';
import { createApp } from './app.ts';
import { loadAssets } from './assets.ts';
import { createGate } from './auth/gate.ts';
import { refuseOpenDoor } from './auth/reachability.ts';
import { createCurrentSettings } from './current-settings.ts';
import { memo } from './memo.ts';
import { createMetricsApp } from './metrics-app.ts';
import { openApiDocument } from './openapi.ts';
import type { ServerOptions } from './options.ts';
import { portTaken } from './port-owner.ts';
import type { Room } from './route.ts';
import { table } from './routes/table.ts';
import { createLiveStream } from './stream/live-stream.ts';
import { overviewNumbers } from './views/overview-numbers.ts';
import { statusHistory } from './views/status-history.ts';
import { createUptimes } from './views/uptimes.ts';

export { hashPassword } from './auth/password.ts';
export type { ServerOptions } from './options.ts';

export interface MonitorServer {
  /**
   * Listens. The url is without `/monitoring`, e.g. `http://127.0.0.1:5001`.
   * Throws MonitorError `port-taken`, `login-required` or `configuration-invalid`.
   */
  start(): Promise<{ url: string; prometheusUrl: string | null }>;
  /** Ends streams and connections at once. Idempotent. */
  stop(): Promise<void>;
}

/** Makes the server; nothing listens before `start()`. */
export function createServer(options: ServerOptions): MonitorServer {
  const host = options.host ?? options.settings.host;
  const stops: (() => Promise<void> | void)[] = [];
  let starting: Promise<{ url: string; prometheusUrl: string | null }> | undefined;

  async function start() {
    refuseOpenDoor(host, options.settings.auth);
    const room = await createRoom(options);
    stops.push(() => room.stream.stop());
    const app = createApp(room, await loadAssets(options.assetsDir), host);
    const port = await listen(app.fetch as Fetch, host, options.port, 'monitoring.dashboard_port', stops);
    const url = urlOf(host, port);
    const { prometheus } = options;
    if (!prometheus?.enabled) return { url, prometheusUrl: null };
    const metrics = createMetricsApp(room, host);
    const metricsPort = await listen(metrics.fetch as Fetch, host, prometheus.port, 'prometheus.port', stops);
    return { url, prometheusUrl: `${urlOf(host, metricsPort)}/metrics` };
  }

  async function stop() {
    // In this order: the streams first, or the listener would wait for them.
    for (const end of stops.splice(0)) await end();
  }

  return {
    start: () => {
      starting ??= start().catch(async (error: unknown) => {
        await stop();
        throw error;
      });
      return starting;
    },
    stop,
  };
}

async function createRoom(options: ServerOptions): Promise<Room> {
  const gate = await createGate(options.settings.auth, options.token, options.state, options.clock);
  const uptimes = createUptimes(
    options.series,
    options.clock,
    (id, from) => options.checks.maintenanceOf?.(id, from) ?? [],
  );
  let document: unknown;
  const self: Room['self'] = () => {
    const own = options.self();
    return { ...own, dropped: { ...own.dropped, ...stream.dropped }, stream_clients: stream.clients };
  };
  const stream = createLiveStream(options, uptimes, self);
  return {
    options,
    settings: createCurrentSettings(options.config, options.clock),
    uptimes,
    overview: memo(options.clock, 2000, () => overviewNumbers(options)),
    history: memo(options.clock, 5000, () => statusHistory(options)),
    gate,
    stream,
    self,
    openapi: () => {
      document ??= openApiDocument(table, options.version);
      return document;
    },
  };
}

type Fetch = (request: Request, env: unknown) => Response | Promise<Response>;

/** Listens and gives the port; how to stop goes onto `stops`. */
async function listen(
  fetch: Fetch,
  host: string,
  port: number,
  setting: string,
  stops: (() => Promise<void> | void)[],
): Promise<number> {
  // The host's globals are not ours to replace: an embedded monitor shares them with the application.
  const server = createAdaptorServer({ fetch, overrideGlobalObjects: false }) as Server;
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  server.keepAliveTimeout = 65_000;
  server.maxConnections = 2000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host }, () => {
      server.off('error', reject);
      resolve();
    });
  }).catch(async (error: unknown) => {
    throw await listenProblem(error, host, port, setting);
  });
  stops.push(() => close(server));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

async function listenProblem(error: unknown, host: string, port: number, setting: string): Promise<MonitorError> {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'EADDRINUSE') return portTaken(host, port, setting, error);
  const hints: Record<string, string> = {
    EACCES: 'Ports below 1024 need rights of their own; choose a higher one.',
    EADDRNOTAVAIL: 'Set server.host to an address of this machine, e.g. 127.0.0.1 or 0.0.0.0.',
    ENOTFOUND: 'Set server.host to an address of this machine, e.g. 127.0.0.1 or 0.0.0.0.',
  };
  const hint = hints[code ?? ''] ?? `Check server.host and ${setting}.`;
  return new MonitorError(
    'configuration-invalid',
    `Cannot listen on ${host} port ${port} (${code ?? String(error)}).`,
    { hint, cause: error },
  );
}

/** Answers under way get half a second; kept connections and streams none. */
async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const force = setTimeout(() => server.closeAllConnections(), 500);
  await closed;
  clearTimeout(force);
}

function urlOf(host: string, port: number): string {
  const everywhere: Record<string, string> = { '0.0.0.0': '127.0.0.1', '::': '[::1]' };
  return `http://${everywhere[host] ?? (isIPv6(host) ? `[${host}]` : host)}:${port}`;
}
