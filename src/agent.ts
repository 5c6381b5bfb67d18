/**
 * The main door of the package, for applications: `import { startMonitoring } from 'cryoprotect-monitoring'`.
 * Puts the agent together: the service the app sees, and the channel to the monitor in a worker thread or elsewhere. It runs in somebody
 * else's process: it must stay light (no server, database or schema library is reached from here) and never throw into the app.
 */
import { isMainThread, workerData } from 'node:worker_threads';
import { type AgentSettings, defaultAgentSettings } from './agent/agent-settings.ts';
import { type Tracker, tracker } from './agent/decorators.ts';
import { onExit } from './agent/exit.ts';
import type { ConnectionOf, FallbackEntry } from './agent/fallback/entry.ts';
import type { Fallback, FallbackOptions } from './agent/fallback/fallback.ts';
import { makeFallback } from './agent/fallback/registry.ts';
import { openTrackers } from './agent/progress.ts';
import { MonitoringService } from './agent/service.ts';
import { type ReadOptions, readOptions, type StartOptions } from './agent/start-options.ts';
import { watchUncaught } from './agent/uncaught.ts';
import { createWorkerChannel, type WorkerChannelState } from './channel/worker-channel.ts';
import type { Channel } from './model/channel.ts';
import type { Order } from './model/signal.ts';

export type { AlertHandler, AlertNotice } from './agent/alert-handlers.ts';
export type { CheckFunction, CheckOptions } from './agent/checks.ts';
export type { Tracker } from './agent/decorators.ts';
export type {
  ConnectEntry,
  ConnectionOf,
  ConnectionOfPool,
  FallbackEntry,
  PoolEntry,
  UseEntry,
} from './agent/fallback/entry.ts';
export type { FailureKind } from './agent/fallback/failure.ts';
export type {
  Attempt,
  Fallback,
  FallbackChange,
  FallbackOptions,
  FallbackStatus,
  RunOptions,
} from './agent/fallback/fallback.ts';
export { type ConnectionFailure, FallbackError } from './agent/fallback/fallback-error.ts';
export type { Operation, OperationOptions } from './agent/operation.ts';
export type { PoolCounts } from './agent/pools/pool-watch.ts';
export type { WatchPoolOptions } from './agent/pools/registry.ts';
export type { ProgressOptions, ProgressStatus, ProgressTracker, ProgressUpdate } from './agent/progress.ts';
export {
  type AlertInput,
  type CurrentContext,
  MonitoringService,
  type MonitorState,
  type RaiseOptions,
} from './agent/service.ts';
export type { StartOptions } from './agent/start-options.ts';
export type { ConditionName, RuleDuration, RuleInCode, RuleLevel, RulePolicy } from './model/rule.ts';
export type { Severity } from './model/severity.ts';

/**
 * Starts monitoring: watches `app` (Express, or a `node:http` server), and runs the monitor with its dashboard in a worker thread of this
 * process. Returns at once; the monitor starts in the background. It never throws: whatever is wrong is said in one line on standard
 * error, and the app runs on unwatched. A second call watches another app with the monitor that runs already.
 *
 * @param app the application; may be left out for programs without a server
 * @param options see `StartOptions`; a number is taken as the dashboard's port, as the predecessor had it
 * @example
 * const app = express();
 * const monitor = startMonitoring(app);
 */
export function startMonitoring(app?: unknown, options?: StartOptions | number): MonitoringService {
  const service = MonitoringService.getInstance();
  try {
    start(service, app, options);
  } catch (error) {
    disable(service, `monitoring could not be started: ${error instanceof Error ? error.message : String(error)}`);
  }
  return service;
}

/** Times a function or method under a fixed name: as a decorator (standard or legacy) or around a function. */
export function trackOperation(name: string, options: { readonly itemsCount?: number } = {}): Tracker {
  return tracker({ name, itemsCount: options.itemsCount, core: currentCore });
}

/** Times database work; the name is `db_<class>.<function>` unless one is given. */
export function trackDatabaseOperation(
  options: { readonly itemsCount?: number; readonly name?: string } = {},
): Tracker {
  return tracker({
    name: options.name,
    prefix: 'db_',
    category: 'database',
    itemsCount: options.itemsCount,
    core: currentCore,
  });
}

/** Times API work; the name is `api_<class>.<function>` unless one is given. Within a watched request it is not counted as a second one. */
export function trackApiOperation(options: { readonly name?: string } = {}): Tracker {
  return tracker({ name: options.name, prefix: 'api_', category: 'api', core: currentCore });
}

/**
 * Makes a chain of connections, first choice first, that gives each operation the first one that works. Each connection has a circuit breaker
 * with the thresholds of `database_monitoring`. Works with monitoring off as well; its state is on the page Databases when it is on.
 *
 * @throws MonitorError `bad-argument` when the list cannot work
 * @example
 * const database = createFallback([
 *   { name: 'pooler', pool: new pg.Pool({ port: 6543 }) },
 *   { name: 'direct', pool: new pg.Pool({ port: 5432 }) },
 * ]);
 * const { rows } = await database.run((client) => client.query('select 1'));
 */
export function createFallback<const E extends readonly FallbackEntry[]>(
  connections: E,
  options: FallbackOptions = {},
): Fallback<ConnectionOf<E[number]>> {
  return makeFallback(currentCore(), connections, options);
}

const currentCore = () => MonitoringService.getInstance().internals.core;

function start(service: MonitoringService, app: unknown, given: unknown): void {
  // A module of the app that is loaded in our own worker must not start a monitor in the monitor.
  if (!isMainThread && isOurWorker(workerData)) return;
  if (service.state !== 'unstarted') {
    attachApp(service, app);
    return;
  }
  const { options, problems } = readOptions(given);
  if (problems.length > 0) {
    disable(service, `monitoring is off: ${problems.join('; ')}`);
    return;
  }
  if (!options.enabled) {
    disable(service, undefined);
    return;
  }
  const { core } = service.internals;
  core.identify(options);
  core.apply(defaultAgentSettings);
  attachApp(service, app);
  service.move('starting');
  watchUncaught(core);
  if (options.remote) void report(service, options.remote);
  else begin(service, host(service, options));
}

function attachApp(service: MonitoringService, app: unknown): void {
  if (app === undefined || app === null) return;
  if (!service.watch(app)) {
    service.internals.core.warn(
      'the application given to startMonitoring is of no framework known here (Express, node:http server); only what the code tracks itself is recorded',
    );
  }
}

function begin(service: MonitoringService, channel: Channel): void {
  const { core } = service.internals;
  core.start(channel);
  onExit(() => {
    for (const job of openTrackers) job.saveNow();
    if (service.state !== 'stopped') core.farewell();
  });
}

/** The monitor in a worker thread of this process. */
function host(service: MonitoringService, options: ReadOptions): Channel {
  const { core } = service.internals;
  // Beside this file: agent.js and worker.js when built, agent.ts and worker.ts in development.
  const workerUrl = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);
  return createWorkerChannel({
    workerUrl,
    workerData: { ...options.worker, service: core.source.service },
    onSettings: (settings) => core.apply(settings as AgentSettings),
    onOrder: (order) => service.obey(order),
    onState: (state) => follow(service, state),
  });
}

function follow(service: MonitoringService, state: WorkerChannelState): void {
  const { core } = service.internals;
  switch (state.kind) {
    case 'starting':
      break;
    case 'ready':
      service.move('ready', state.url);
      break;
    case 'died':
      core.drop('worker_restarts', 1);
      core.warn(`the monitor's thread ended (${state.reason}); it is started again, the application is not affected`);
      service.move('restarting');
      break;
    case 'failed':
      disable(service, `monitoring is off: ${state.message}${state.hint ? ` (${state.hint})` : ''}`, 'failed');
      break;
  }
}

/** A monitor elsewhere, over HTTP. */
async function report(
  service: MonitoringService,
  remote: { readonly url: string; readonly token?: string },
): Promise<void> {
  const { core } = service.internals;
  try {
    const { createHttpChannel } = await import('./channel/http-channel.ts');
    const channel = createHttpChannel({
      ...remote,
      onTrouble: (trouble) => {
        if (trouble !== undefined) core.warn(`${trouble}; what is recorded is kept for two minutes`);
        service.move(trouble === undefined ? 'ready' : 'restarting', remote.url);
      },
      onOrder: (order) => void answerLater(service, order),
    });
    begin(service, channel);
    service.move('ready', remote.url);
  } catch (error) {
    disable(service, `monitoring is off: ${error instanceof Error ? error.message : String(error)}`, 'failed');
  }
}

/** Over HTTP an answer goes with the next batch, which is sent at once. */
async function answerLater(service: MonitoringService, order: Order): Promise<void> {
  const { checks, core } = service.internals;
  try {
    checks.answerLater({ id: order.id, ok: true, value: await service.obey(order) });
  } catch (error) {
    checks.answerLater({ id: order.id, ok: false, value: error instanceof Error ? error.message : String(error) });
  }
  core.flush();
}

function disable(service: MonitoringService, why: string | undefined, state: 'disabled' | 'failed' = 'disabled'): void {
  if (why !== undefined) service.internals.core.warn(why);
  service.internals.core.disable();
  service.move(state);
}

function isOurWorker(data: unknown): boolean {
  return (
    typeof data === 'object' &&
    data !== null &&
    (data as { cryoprotectMonitoring?: unknown }).cryoprotectMonitoring === true
  );
}
