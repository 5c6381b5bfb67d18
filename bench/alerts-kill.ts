/** A thousand `kill -9` at random moments of an engine that raises, groups, silences, acknowledges and delivers: what was lost. */
import { type Findings, killRounds } from '../test/crash/kill-rounds.ts';

export const title = 'kill -9 at random moments: alerts, acknowledgements and silences that were lost (KILLS=1000)';

/** Kills in one data directory, and directories at the same time: one that grows for ever would measure how fast it is read. */
const inOneDirectory = 40;
const atOnce = 4;

export async function run({ json }: { json: boolean }): Promise<Record<string, number>> {
  const kills = Number(process.env['KILLS'] ?? 1000);
  let done = 0;
  const say = (): void => {
    done += 1;
    if (!json && done % 50 === 0) process.stdout.write(`  ${done} of ${kills} kills\n`);
  };
  const shares: number[] = [];
  for (let left = kills; left > 0; left -= inOneDirectory) shares.push(Math.min(left, inOneDirectory));
  const found: Findings[] = [];
  const lane = async (): Promise<void> => {
    for (let share = shares.pop(); share !== undefined; share = shares.pop()) found.push(await killRounds(share, say));
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  const sum = (of: (one: Findings) => number) => found.reduce((total, one) => total + of(one), 0);
  return {
    kills: sum((one) => one.kills),
    alerts_raised: sum((one) => one.alerts),
    alerts_acknowledged: sum((one) => one.acknowledgements),
    silences_made: sum((one) => one.silences),
    messages_delivered: sum((one) => one.messages),
    told_alone: sum((one) => one.told.alone),
    told_together: sum((one) => one.told.together),
    held_in_quiet_hours: sum((one) => one.told.heldInQuietHours),
    alerts_lost: sum((one) => one.lostAlerts.length),
    acknowledgements_lost: sum((one) => one.lostAcknowledgements.length),
    silences_lost: sum((one) => one.lostSilences.length),
    holds_lost: sum((one) => one.notHeld.length),
    alerts_never_told: sum((one) => one.neverTold.length),
    ends_never_told: sum((one) => one.endNeverTold.length),
    key_with_two_bodies: sum((one) => one.sameKeyOtherBody.length),
    news_with_two_keys: sum((one) => one.toldTwiceWithTwoKeys.length),
  };
}
