/** Asks the targets given as JSON once, and prints as JSON how each answered and whether that counts. Run it where there is no network. */
import { createChecks } from '../../src/checks/index.ts';
import {
  apiMonitoringSettings,
  databaseMonitoringSettings,
  systemMonitoringSettings,
} from '../../src/checks/settings.ts';
import { runOnce } from '../../src/checks/single-run.ts';
import { systemClock } from '../../src/model/clock.ts';
import { silentLog } from '../../src/model/log.ts';

const { endpoints, databases } = JSON.parse(process.argv[2] ?? '{}') as { endpoints: string[]; databases: string[] };

const { fixed } = createChecks({
  api: apiMonitoringSettings.parse({ endpoints: endpoints.map((url) => ({ url })), timeout_seconds: 5 }),
  database: databaseMonitoringSettings.parse({ connections: databases.map((url) => ({ name: url, url })) }),
  system: systemMonitoringSettings.parse({ enabled: false }),
  intervals: { api: 60, database: 60, system: 60 },
  agents: { all: () => [] },
  clock: systemClock,
  log: silentLog,
});
const seen: Record<string, { status: string; reason: string; inconclusive: boolean }> = {};
for (const check of fixed) {
  const { outcome } = await runOnce(check, systemClock);
  seen[check.info.target] = {
    status: outcome.status,
    reason: outcome.reason,
    inconclusive: outcome.inconclusive === true,
  };
  await check.close?.();
}
process.stdout.write(JSON.stringify(seen));
