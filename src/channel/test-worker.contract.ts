/** A worker for the channel's tests: it does what the batches' service name says. */
import { parentPort, workerData } from 'node:worker_threads';
import type { WorkerStart } from './messages.ts';
import { type PortLike, servePort } from './serve-port.ts';

const start = workerData as WorkerStart;
const options = start.options as { readonly fail?: boolean; readonly dieOnStart?: boolean };
const seen: number[] = [];
const served = servePort(parentPort as PortLike, {
  onBatch: async (batch) => {
    const { sequence, source } = batch as { sequence: number; source: { service: string } };
    if (source.service === 'exit') process.exit(3);
    if (source.service === 'throw') {
      setImmediate(() => {
        throw new Error('the worker broke');
      });
      return new Promise(() => undefined);
    }
    if (source.service === 'hang') return new Promise(() => undefined);
    if (source.service === 'refuse') return { ok: false, message: 'no' };
    seen.push(sequence);
    served.send({ kind: 'settings', settings: seen });
    return { ok: true };
  },
  onStop: async () => {
    const flag = new Int32Array(start.stopped);
    Atomics.store(flag, 0, 1);
    Atomics.notify(flag, 0);
    process.exit(0);
  },
});
if (options.dieOnStart) process.exit(9);
if (options.fail) {
  served.send({ kind: 'failed', message: 'port 5001 is taken', hint: 'choose another' });
  process.exit(0);
}
served.send({ kind: 'ready', url: 'http://localhost:1' });
void served
  .order({ kind: 'alert', alert: { alert_type: 'x' } }, 2000)
  .then((value) => served.send({ kind: 'settings', settings: { answer: value } }))
  .catch((error: Error) => served.send({ kind: 'settings', settings: { error: error.message } }));
