/**
 * Our side of the questions: the real HTTP server in front of a store that was filled as in life, in a process of its own like the peers.
 * Hears `watch` and `told` from the parent: in between it appends every ten milliseconds and notes how late that was.
 */
import { startServer } from '../../src/server/running-server.contract.ts';
import { timeOf } from './dataset.ts';
import { feedOurs, openOurs } from './ours.ts';
import { monthSeries, thousandSeries } from './query-data.ts';

const EVERY_MS = 10;
const ours = await openOurs();
const data = thousandSeries();
await feedOurs(ours.store, monthSeries(data.from));
await feedOurs(ours.store, data);
const end = timeOf(data, data.ticks);
// What a running monitor does every half a minute; the present hour stays in memory.
await ours.store.maintain(end);
const { url, server } = await startServer({ series: ours.store });

let watching: NodeJS.Timeout | undefined;
let latest = 0;
process.on('message', async (order) => {
  if (order === 'watch') {
    latest = 0;
    let due = performance.now() + EVERY_MS;
    watching = setInterval(() => {
      latest = Math.max(latest, performance.now() - due);
      due = performance.now() + EVERY_MS;
      ours.store.append([{ name: 'bench_meanwhile', labels: {}, at: end, value: latest }]);
    }, EVERY_MS);
  } else if (order === 'told') {
    clearInterval(watching);
    process.send!({ latestMs: latest });
  } else {
    await server.stop();
    await ours.stop();
    process.exit(0);
  }
});
process.send!({ url, from: data.from, end });
