import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '../model/log.ts';
import { MonitorError } from '../model/problem.ts';
import { type Client, createClient } from './client.ts';
import type { CliContext } from './command.ts';

/**
 * Runs a monitor for the length of one command, with the configuration found here: on a free port of this machine, in a folder of its own
 * that goes with it. It tells nobody of what it finds.
 */
export async function withBriefMonitor<T>(context: CliContext, use: (client: Client) => Promise<T>): Promise<T> {
  const { io } = context;
  const { config, timeout } = context.options();
  const folder = mkdtempSync(join(tmpdir(), 'cryomon-'));
  const [{ loadConfiguration, settingsSchema }, { startMonitor }] = await Promise.all([
    import('../configuration.ts'),
    import('../monitor.ts'),
  ]);
  try {
    const configuration = loadConfiguration({
      file: config,
      cwd: io.cwd,
      env: io.env,
      args: [],
      overrides: {
        monitoring: { monitoring_dir: folder, dashboard_enabled: true, dashboard_port: 0 },
        server: { host: '127.0.0.1' },
        prometheus: { enabled: false },
      },
    });
    const { notifications } = settingsSchema.parse({});
    const monitor = await startMonitor({
      configuration: { ...configuration, settings: { ...configuration.settings, notifications } },
      mode: 'standalone',
      log: silentLog,
    });
    try {
      if (monitor.url === null)
        throw new MonitorError('monitor-unreachable', 'The monitor of this command has no API.');
      const { token } = JSON.parse(readFileSync(join(folder, 'monitor.json'), 'utf8')) as { token: string };
      return await use(createClient({ url: monitor.url, token, timeoutMs: timeout * 1000 }));
    } finally {
      await monitor.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
