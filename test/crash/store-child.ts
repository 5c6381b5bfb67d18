/**
 * The process that the store's kill test ends at random moments. It appends rows, single samples and sketches a minute apart, so that
 * windows close, seal and become days all the time, and prints what it may rely on: with `flush` the step that is durable,
 * with `timer` every step and when it was appended, without ever asking for durability.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../src/model/clock.ts';
import { silentLog } from '../../src/model/log.ts';
import { Sketch } from '../../src/model/sketch.ts';
import { openSeriesStore } from '../../src/store/series.ts';
import { storeSettings } from '../../src/store/settings.ts';

const [dir, mode, firstStep, from] = process.argv.slice(2) as [string, string, string, string];
const MINUTE = 60_000;
const SERIES = 50;

const settings = { ...storeSettings.parse({}), retention_days: 400 };
const store = await openSeriesStore({ dir, settings, log: silentLog, clock: systemClock });
const ids = Uint32Array.from({ length: SERIES }, (_, i) => store.seriesId('rows', { i: String(i) }, 'counter'));
const values = new Float64Array(SERIES);
const sketch = new Sketch();
sketch.record(0.25);

for (let step = Number(firstStep); ; step++) {
  const at = Number(from) + step * MINUTE;
  store.appendColumns(at, ids, values.fill(step));
  store.append([{ name: 'single', labels: {}, at, value: step }]);
  store.appendSketches([{ name: 'sketch', labels: {}, at, sketch }]);
  if (mode === 'flush') {
    await store.flush();
    process.stdout.write(`${step}\n`);
  } else {
    process.stdout.write(`${step} ${Date.now()}\n`);
    await sleep(1);
  }
  if (step % 97 === 0) void store.maintain(at);
}
