/**
 * Entry of the worker thread in which an app's own monitor lives. In come batches from the app's thread, out go its orders and the news
 * whether the monitor runs. It reads the configuration, starts the monitor, and ends with it.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { type AgentSettings, databaseFacts } from './agent/agent-settings.ts';
import type { WorkerStart } from './channel/messages.ts';
import { type PortLike, servePort } from './channel/serve-port.ts';
import { createLog, loadConfiguration, type SettingsInput } from './configuration.ts';
import { isMonitorError } from './model/problem.ts';
import { type Monitor, startMonitor } from './monitor.ts';

interface Options {
  readonly config?: string;
  readonly overrides: Record<string, unknown>;
  readonly service: string;
}

/** Problems that somebody has to solve; anything else may pass and is tried again. */
const hopeless = new Set([
  'configuration-invalid',
  'configuration-missing',
  'configuration-unreadable',
  'port-taken',
  'login-required',
  'data-directory-taken',
  'data-directory-unusable',
]);

async function run(port: PortLike, start: WorkerStart): Promise<void> {
  const options = start.options as Options;
  let monitor: Monitor | undefined;
  let starting: Promise<void> | undefined;
  const served = servePort(port, {
    // Batches can only come after `ready`, or with the farewell of a process that ends while we are still starting.
    onBatch: async (batch) => {
      await starting?.catch(() => undefined);
      return monitor ? monitor.accept(batch) : { ok: false, message: 'the monitor does not run' };
    },
    onStop: async () => {
      await starting?.catch(() => undefined);
      await monitor?.stop().catch(() => undefined);
      raise(start.stopped);
      process.exit(0);
    },
  });
  starting = (async () => {
    const configuration = loadConfiguration({
      file: options.config,
      env: process.env,
      args: [],
      overrides: options.overrides as SettingsInput,
    });
    const { settings } = configuration;
    const agent: AgentSettings = {
      observability: settings.observability,
      progress_trackers: settings.progress_trackers,
      database_monitoring: databaseFacts(settings.database_monitoring),
    };
    served.send({ kind: 'settings', settings: agent });
    if (!settings.monitoring.enabled) {
      served.send({ kind: 'failed', message: 'monitoring.enabled is false', hint: undefined });
      process.exit(0);
    }
    const log = createLog(settings.logging);
    for (const warning of configuration.warnings) log.warn({}, warning);
    const order = (wish: Parameters<typeof served.order>[0], timeoutMs: number) => served.order(wish, timeoutMs);
    monitor = await startMonitor({ configuration, mode: 'embedded', log, order });
    passAlerts(monitor, (alert) => void served.order({ kind: 'alert', alert }, 10_000).catch(() => undefined));
    served.send({ kind: 'ready', url: monitor.url });
  })();
  try {
    await starting;
  } catch (error) {
    if (!isMonitorError(error) || !hopeless.has(error.code)) throw error;
    served.send({ kind: 'failed', message: error.message, hint: error.hint });
    raise(start.stopped);
    process.exit(0);
  }
}

/** Tells the app's handlers of every alert that fires, gets worse or ends, unless it is silenced. */
function passAlerts(monitor: Monitor, tell: (alert: Record<string, unknown>) => void): void {
  monitor.listen((event) => {
    if (event.type !== 'alert') return;
    const { episode, transition } = event;
    if (episode.silencedBy !== undefined || !['firing', 'escalated', 'resolved'].includes(transition.kind)) return;
    if (transition.kind === 'resolved' && episode.firedAt === undefined) return;
    tell({
      alert_id: episode.id,
      alert_type: episode.alertType,
      message: episode.message,
      source: episode.source,
      severity: episode.severity,
      status: transition.kind === 'resolved' ? 'resolved' : 'firing',
      timestamp: transition.at / 1000,
      formatted_time: new Date(transition.at).toISOString(),
      context: episode.context,
    });
  });
}

/** Wakes the app's thread, which may stand still at its end to wait for us. */
function raise(stopped: SharedArrayBuffer): void {
  const flag = new Int32Array(stopped);
  Atomics.store(flag, 0, 1);
  Atomics.notify(flag, 0);
}

if (parentPort) await run(parentPort as PortLike, workerData as WorkerStart);
