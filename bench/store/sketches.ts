/** What the distribution of one operation's minute takes on the disk, store and all. */
import { Sketch } from '../../src/model/sketch.ts';
import { createRandom } from './mix.ts';
import { openOurs } from './ours.ts';

const OPERATIONS = 50;
const MINUTES = 26 * 60;

/** 50 operations over 26 hours, 30 to 600 requests a minute each, log-normal with a long tail: `sketch_bytes_per_minute`. */
export async function sketchFigures(): Promise<Record<string, number>> {
  const random = createRandom(7);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const from = Math.floor(Date.now() / 86_400_000 - 3) * 86_400_000;
  const ours = await openOurs();
  try {
    const traffic = Array.from({ length: OPERATIONS }, () => ({
      median: 0.002 * Math.exp(4 * random()),
      spread: 0.2 + 0.4 * random(),
      rate: 30 * Math.exp(3 * random()),
    }));
    for (let minute = 0; minute < MINUTES; minute++) {
      const points = traffic.map(({ median, spread, rate }, i) => {
        const sketch = new Sketch();
        for (let n = Math.round(rate * (0.7 + 0.6 * random())); n > 0; n--) {
          sketch.record(median * Math.exp(spread * normal()) * (random() < 0.01 ? 8 : 1));
        }
        return { name: 'bench_duration', labels: { operation: `op-${i}` }, at: from + minute * 60_000, sketch };
      });
      ours.store.appendSketches(points);
      if (minute % 60 === 59) await ours.store.flush();
    }
    await ours.store.maintain(from + (MINUTES + 61) * 60_000);
    return { sketch_bytes_per_minute: ours.bytes() / (OPERATIONS * MINUTES) };
  } finally {
    await ours.stop();
  }
}
