import pg from 'pg';
import { databaseChecks } from '../../src/checks/database/from-settings.ts';
import { databaseMonitoringSettings } from '../../src/checks/settings.ts';
import { runOnce } from '../../src/checks/single-run.ts';
import { systemClock } from '../../src/model/clock.ts';
import { startPostgres } from '../../test/services/postgres.ts';

/** CPU seconds of this process for a thousand of each; the server's own are not in them. */
export interface PostgresCost {
  /** Checks over a kept connection, with statistics at their own pace, as the settings have it. */
  readonly check: number;
  /** `SELECT 1` through the bare driver: no check can be below it. */
  readonly driver: number;
  /** Checks that ask for statistics every time. */
  readonly withStatistics: number;
}

const turns = 9;

/** Takes turns on one connection each, so that what else the machine does hits all alike; the median turn counts. */
export async function postgresCost(): Promise<PostgresCost> {
  const server = await startPostgres();
  const client = new pg.Client({ connectionString: server.url });
  const [plain, curious] = [checkOf(server.url, 30), checkOf(server.url, 0.001)];
  try {
    await client.connect();
    const kinds = {
      check: { runs: 2000, act: () => runOnce(plain, systemClock) },
      driver: { runs: 2000, act: () => client.query('SELECT 1') },
      withStatistics: { runs: 300, act: () => runOnce(curious, systemClock) },
    };
    const costs = { check: [] as number[], driver: [] as number[], withStatistics: [] as number[] };
    for (let turn = 0; turn < turns; turn++) {
      for (const name of ['check', 'driver', 'withStatistics'] as const) costs[name].push(await costOf(kinds[name]));
    }
    return { check: median(costs.check), driver: median(costs.driver), withStatistics: median(costs.withStatistics) };
  } finally {
    await client.end();
    await Promise.all([plain.close?.(), curious.close?.()]);
    await server.stop();
  }
}

function checkOf(url: string, statisticsSeconds: number) {
  const settings = databaseMonitoringSettings.parse({
    connections: [{ name: 'bench', url }],
    statistics_interval_seconds: statisticsSeconds,
    fresh_connection_every: 100_000,
  });
  return databaseChecks(settings, 60, systemClock)[0]!;
}

async function costOf({ runs, act }: { readonly runs: number; act(): Promise<unknown> }): Promise<number> {
  for (let i = 0; i < runs / 10; i++) await act();
  const before = process.cpuUsage();
  for (let i = 0; i < runs; i++) await act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / runs;
}

function median(list: readonly number[]): number {
  return [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]!;
}
