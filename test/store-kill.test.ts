import { expect, test } from 'vitest';
import { createRandom } from '../bench/store/mix.ts';
import { killStore } from './crash/store-kill.ts';

/** How often the process is killed; the long run is `npm run bench -- store-kill`. */
const kills = Number(process.env['STORE_KILLS'] ?? 8);

test('kill -9 under load loses nothing older than a second and doubles nothing', {
  timeout: 60_000 + kills * 5000,
}, async () => {
  const report = await killStore(kills, 4, createRandom(Date.now()));
  expect(report).toMatchObject({ lost: 0, doubled: 0 });
  expect(report.steps).toBeGreaterThan(kills);
});
