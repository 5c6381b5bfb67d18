import { expect, it } from 'vitest';
import { killRounds } from './crash/kill-rounds.ts';

/** How often the process is killed here; `npm run bench -- alerts-kill` kills a thousand times. */
const kills = Number(process.env.ALERT_KILLS ?? 12);

it(`loses no alert, acknowledgement, silence or hold in ${kills} kills, and repeats nothing but with the same key`, {
  timeout: 120_000 + kills * 3000,
}, async () => {
  const found = await killRounds(kills);
  expect(found).toMatchObject({
    lostAlerts: [],
    lostAcknowledgements: [],
    lostSilences: [],
    notHeld: [],
    neverTold: [],
    endNeverTold: [],
    sameKeyOtherBody: [],
    toldTwiceWithTwoKeys: [],
  });
  expect(found.alerts).toBeGreaterThan(kills);
  expect(found.told.together).toBeGreaterThan(0);
});
