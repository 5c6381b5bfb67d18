/**
 * An Express app with the monitor in it: `node examples/express.ts` in a built repository, then open the dashboard that it names.
 * Set PORT and DASHBOARD_PORT to choose the ports (0 = any free one).
 */
import { startMonitoring, trackDatabaseOperation } from 'cryoprotect-monitoring';
import express from 'express';

const app = express();
const monitor = startMonitoring(app, {
  service: 'molecules',
  release: '1.0.0',
  dashboardPort: Number(process.env['DASHBOARD_PORT'] ?? 5001),
});

// A function that is timed wherever it is called, as `db_findMolecule`.
const findMolecule = trackDatabaseOperation()(async function findMolecule(id: string) {
  if (id === '0') throw new RangeError('there is no molecule 0');
  return { id, name: 'Glycerol' };
});

app.get('/molecules/:id', async (request, response) => {
  const molecule = await findMolecule(request.params.id);
  monitor.counter('molecules_shown_total');
  response.json(molecule);
});

app.post('/import', (_request, response) => {
  void importMolecules();
  response.status(202).json({ accepted: true, correlation_id: monitor.context()?.correlationId });
});

/** A batch job: the dashboard shows how far it is and until when; started again after a crash it goes on after its checkpoint. */
async function importMolecules(): Promise<void> {
  const job = monitor.trackProgress('molecule import', { totalItems: 200, checkpoint: true });
  for (let done = job.restoredItems; done < 200; done += 20) {
    await monitor.trackOperation('import.batch', () => new Promise((resolve) => setTimeout(resolve, 200)));
    job.update({ itemsProcessed: 20 });
  }
}

const server = app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1', async () => {
  const address = server.address();
  process.stdout.write(
    `app on http://127.0.0.1:${typeof address === 'object' && address ? address.port : ''}/molecules/1\n`,
  );
  if (await monitor.ready()) process.stdout.write(`dashboard on ${monitor.url}/monitoring\n`);
});
