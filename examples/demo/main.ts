/**
 * `npm run demo`: a CryoProtect application with the monitor in it, its database, the service it depends on, an import, and traffic.
 * Options: --dashboard-port N (5001), --port N of the application (5080, 0 for any), --data-dir FOLDER (./monitoring-demo), --calm without
 * incidents, --once SECONDS to stop by itself.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startMonitoring } from 'cryoprotect-monitoring';
import express from 'express';
import { addRoutes } from './application.ts';
import { memoryDatabase, postgresDatabase } from './database.ts';
import { startImportJob } from './import-job.ts';
import { playIncidents, reportStaleBackup } from './incidents.ts';
import { startRdkitService } from './rdkit-service.ts';
import { freePort, startScratchPostgres } from './scratch-postgres.ts';
import { startTap } from './tap.ts';
import { startTraffic } from './traffic.ts';

const { values } = parseArgs({
  allowPositionals: false,
  options: {
    'dashboard-port': { type: 'string', default: '5001' },
    port: { type: 'string', default: '5080' },
    'data-dir': { type: 'string', default: 'monitoring-demo' },
    calm: { type: 'boolean', default: false },
    once: { type: 'string' },
  },
});
const dataDir = resolve(values['data-dir']);
const say = (line: string) => process.stdout.write(`${line}\n`);

/** Stopped in the reverse order of their start. */
const stops: (() => Promise<void> | void)[] = [];

/** Starts the database and the line in front of it, if the machine can; tells the configuration where they are. */
async function startDatabases() {
  const postgres = await startScratchPostgres();
  if (postgres === undefined) {
    say(
      'PostgreSQL is not installed: the application keeps its data in memory, and the databases page shows what unreachable looks like.',
    );
    const nobody = `postgres://demo@127.0.0.1:${await freePort()}/demo`;
    process.env.DEMO_POOLER_URL = nobody;
    process.env.DEMO_DATABASE_URL = nobody;
    return { url: undefined, pooler: undefined };
  }
  stops.push(() => postgres.stop());
  const pooler = await startTap(postgres.port);
  stops.push(() => pooler.stop());
  const at = (port: number) => `postgres://postgres@127.0.0.1:${port}/postgres`;
  process.env.DEMO_POOLER_URL = at(pooler.port);
  process.env.DEMO_DATABASE_URL = at(postgres.port);
  return { url: at(postgres.port), pooler };
}

async function start(): Promise<void> {
  const [{ url, pooler }, rdkit] = await Promise.all([startDatabases(), startRdkitService()]);
  stops.push(() => rdkit.stop());
  const app = express();
  const server = createServer(app).listen(Number(values.port), '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const applicationUrl = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : values.port}`;
  stops.push(() => {
    server.closeAllConnections();
    server.close();
  });
  process.env.DEMO_APPLICATION_URL = applicationUrl;
  process.env.DEMO_RDKIT_URL = rdkit.url;

  const monitor = startMonitoring(app, {
    config: fileURLToPath(new URL('monitoring_config.json', import.meta.url)),
    service: 'cryoprotect',
    dataDir,
    dashboardPort: Number(values['dashboard-port']),
  });
  stops.push(() => monitor.stop());
  if (!(await monitor.ready())) throw new Error('the monitor does not run; the line above says why.');
  const database = url === undefined ? memoryDatabase() : await postgresDatabase(url, monitor);
  stops.push(() => database.close());
  addRoutes(app, { database, rdkit, monitor });

  const job = startImportJob(monitor, database, join(dataDir, 'checkpoints', 'pubchem-import.json'));
  stops.push(() => job.stop());
  const traffic = startTraffic(applicationUrl, 6);
  stops.push(() => traffic.stop());
  if (!values.calm) {
    reportStaleBackup(monitor);
    stops.push(playIncidents({ pooler, rdkit, say: (line) => say(`· ${line}`) }));
  }
  say(`The application: ${applicationUrl}/api/v1/molecules`);
  say(`The dashboard:   http://localhost:${values['dashboard-port']}/monitoring`);
  say(`Its data:        ${dataDir} (stop and start again: the import goes on where it was)`);
  say('Ctrl-C stops everything.');
}

let stopping: Promise<void> | undefined;

/** Stops everything that was started; a second request exits at once. */
function stop(code: number): void {
  if (stopping) process.exit(1);
  stopping = (async () => {
    for (const end of stops.toReversed())
      await Promise.resolve(end()).catch((error) => say(`While stopping: ${error}`));
    process.exit(code);
  })();
}

process.on('SIGINT', () => stop(0));
process.on('SIGTERM', () => stop(0));
if (values.once !== undefined) setTimeout(() => stop(0), Number(values.once) * 1000);
await start().catch((error) => {
  say(`The demo could not start: ${error instanceof Error ? error.message : error}`);
  stop(1);
});
