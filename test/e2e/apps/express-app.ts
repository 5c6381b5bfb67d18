/** A small Express application with the monitor in it; the end-to-end tests talk to it over HTTP. */

import { startMonitoring } from 'cryoprotect-monitoring';
import express from 'express';

const app = express();
const monitor = startMonitoring(app, { config: process.argv[2]! });
app.use(express.json());

app.get('/molecules/:id', async (request, response) => {
  const name = await monitor.trackOperation('molecule.lookup', async () => `molecule ${request.params.id}`);
  response.json({ name });
});
app.get('/block', (request, response) => {
  const end = Date.now() + Number(request.query['ms']);
  while (Date.now() < end);
  response.json({ blocked: true });
});
app.get('/boom', () => {
  throw new TypeError('boom 4711');
});
app.get('/record', (_request, response) => {
  monitor.recordError('import_error', 'could not read row 17', undefined, { password: 'hunter2-secret', row: 17 });
  response.json({});
});
const job = monitor.trackProgress('PubChem import', 5000);
app.get('/import', (request, response) => {
  job.update({
    itemsProcessed: Number(request.query['n']),
    successful: Number(request.query['n']) - 1,
    failed: 1,
    batchSize: 100,
  });
  response.json({});
});

const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`app on ${typeof address === 'object' && address ? address.port : 0}\n`);
});
