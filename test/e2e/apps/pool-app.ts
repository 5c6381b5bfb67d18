/** An app with a pool of two connections that can be made to leak, and a fallback chain. Arguments: configuration, database URL, dead port. */
import { createServer } from 'node:http';
import { createFallback, startMonitoring } from 'cryoprotect-monitoring';
import pg from 'pg';

const [config = '', url = '', deadPort = ''] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString: url, max: 2 });
const dead = new pg.Pool({ host: '127.0.0.1', port: Number(deadPort) });
const direct = new pg.Pool({ connectionString: url, max: 2 });
const database = createFallback([
  { name: 'pooler', pool: dead },
  { name: 'direct', pool: direct },
]);
const held: pg.PoolClient[] = [];

async function leak(): Promise<void> {
  held.push(await pool.connect());
}

const routes: Record<string, () => Promise<unknown>> = {
  '/leak': leak,
  '/heal': async () => {
    for (const client of held.splice(0)) client.release();
  },
  '/wait': async () => void pool.query("select 'hunter2' as waited").catch(() => undefined),
  '/slow': () => pool.query("select pg_sleep(0.3), 'hunter2' as secret"),
  '/fallback': () => database.run((client) => client.query('select 1 as one')),
};
const server = createServer((request, response) => {
  const run = routes[request.url ?? ''] ?? (() => Promise.reject(new Error('no such route')));
  run().then(
    () => response.end('done'),
    (error: unknown) => response.writeHead(500).end(String(error)),
  );
});
const monitor = startMonitoring(server, { config });
monitor.watchPool(pool, { name: 'main' });
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`app on ${typeof address === 'object' && address ? address.port : ''}\n`);
});
