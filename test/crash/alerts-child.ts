/**
 * The process that the kill test ends at random moments: an alert engine, delivery and a real store over one data directory. It raises
 * alerts that are told alone, in groups, in storms and after quiet hours, lets some flap, silences and acknowledges, and prints a line
 * for everything that it was promised to be durable. In the round `last` it lets everything be told and prints what the store holds.
 */
import { createAlertEngine } from '../../src/alerts/index.ts';
import { seedThresholds } from '../../src/alerts/seed-thresholds.contract.ts';
import { alertsSettings } from '../../src/alerts/settings.ts';
import { systemClock } from '../../src/model/clock.ts';
import { silentLog } from '../../src/model/log.ts';
import type { SeriesStore } from '../../src/model/store.ts';
import { createDelivery, createNotifiers, notificationsSettings } from '../../src/notify/index.ts';
import { openStateStore } from '../../src/store/state.ts';

const [dir, url, round] = process.argv.slice(2) as [string, string, string];
const clock = systemClock;
const log = silentLog;
const state = await openStateStore({ dir, log, clock });
const settings = notificationsSettings.parse({
  log: { enabled: false },
  webhooks: [{ webhook_url: url, throttle_seconds: 0 }],
});
const notifiers = createNotifiers({ settings, log, version: 'test' });
const emit = () => undefined;
const delivery = createDelivery({ notifiers, state, clock, emit, log });
const engine = await createAlertEngine({
  settings: alertsSettings.parse({
    group_by: ['team'],
    group_wait_seconds: 0.3,
    group_interval_seconds: 0.6,
    repeat_interval_seconds: 0,
    storm: { first_summary_seconds: 0.5, summary_interval_seconds: 1 },
    flapping: { changes: 5, settle_seconds: 1 },
    quiet_hours: [{ name: 'always', cron: '* * * * *', duration_minutes: 5, matchers: ['source=quiet'] }],
  }),
  ...seedThresholds,
  state,
  series: { latest: () => [], list: () => [] } as unknown as SeriesStore,
  channels: () => notifiers,
  clock,
  emit,
  log,
  onOwed: (entries, stored) => delivery.take(entries, stored),
});
await delivery.start();
const say = (line: string) => process.stdout.write(`${line}\n`);
const rounds = setInterval(() => void engine.tick(), 100);
say('READY');

/** One alert after another, with all that may be done to it. */
async function work(): Promise<never> {
  for (let n = 0; ; n++) {
    const source = n % 7 === 6 ? 'quiet' : 'test';
    const labels = { team: n % 3 === 0 ? `team_${round}_${n}` : `team_${n % 5}` };
    const alert = { alertType: `kill_${round}_${n}`, source, severity: 'error', message: 'm', labels } as const;
    const { id } = await engine.view.raise(alert);
    say(`RAISED ${id} ${source}`);
    if (n % 3 === 0) {
      await engine.view.acknowledge(id, 'ann', 'on it', n % 2 === 0 ? 3_600_000 : undefined);
      say(`ACKNOWLEDGED ${id}`);
    }
    if (n % 5 === 0) {
      const matchers = [{ name: 'alert_type', op: '=', value: `quiet_${round}_${n}` }] as const;
      const silence = await engine.view.silence({ matchers, durationMs: 3_600_000, createdBy: 'ann', comment: '' });
      say(`SILENCED ${silence.id} ${silence.endsAt}`);
      if (n % 2 === 0) {
        const endsAt = clock.now() + 7_200_000;
        await engine.view.changeSilence(silence.id, { endsAt }, 'bob');
        say(`SILENCED ${silence.id} ${endsAt}`);
      }
    }
    if (n % 4 === 3) {
      await engine.view.resolve(alert.alertType);
      say(`RESOLVED ${id}`);
    }
    const flapping = {
      alertType: 'flapping',
      source: 'test',
      severity: 'warning',
      message: 'm',
      labels: { team: 'flap' },
    } as const;
    await (n % 2 === 0 ? engine.view.raise(flapping) : engine.view.resolve('flapping'));
  }
}

if (round !== 'last') await work();

const waits = () =>
  engine.view.noise().waiting - engine.view.active().filter(({ source }) => source === 'quiet').length;
const deadline = clock.now() + 60_000;
const open = () => waits() > 0 || delivery.view.channels().some((channel) => channel.queued > 0);
for (let calm = 0; calm < 20 && clock.now() < deadline; ) {
  await new Promise((resolve) => setTimeout(resolve, 100));
  calm = open() ? 0 : calm + 1;
}
const everything = { limit: 1_000_000 };
say(`EPISODES ${JSON.stringify(await state.find('episodes', everything))}`);
say(
  `OUTBOX ${JSON.stringify((await state.find('outbox', everything)).map(({ id, episodeId, event, state: at, lastError, facts }) => ({ id, episodeId, event, state: at, lastError, status: facts.status })))}`,
);
say(`SILENCES ${JSON.stringify(await state.find('silences', everything))}`);
say(
  `WAITING ${JSON.stringify((await state.find('memory', everything)).filter(({ id }) => id.startsWith('alerts:ending:')))}`,
);
clearInterval(rounds);
await engine.stop();
await delivery.stop();
await state.close();
say('DONE');
