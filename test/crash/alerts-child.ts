/**
 * The process that the kill test ends at random moments: an alert engine, delivery and a real store over one data directory.
 * It raises alerts one after another, silences and acknowledges, and prints a line for everything that it was promised to be durable.
 */
import { createAlertEngine } from '../../src/alerts/index.ts';
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
  settings: alertsSettings.parse({}),
  thresholds: { database_failures: 3, api_errors: 3, cpu_usage: 90, memory_usage: 90, disk_usage: 90 },
  checks: {
    database: { slow_query_threshold_ms: 500, pool_wait_threshold_ms: 1000, pool_hold_threshold_ms: 30_000 },
    api: { response_time_warning_threshold_ms: 500, response_time_error_threshold_ms: 2000 },
    system: { cpu_warning_threshold: 80, memory_warning_threshold: 80, disk_warning_threshold: 80 },
  },
  state,
  series: {} as SeriesStore,
  channels: () => notifiers,
  clock,
  emit,
  log,
  onOwed: (entries, stored) => delivery.take(entries, stored),
});
await delivery.start();
const say = (line: string) => process.stdout.write(`${line}\n`);

say(
  `OPEN ${JSON.stringify({ alerts: engine.view.active().map((each) => each.id), silences: engine.view.silences().map((each) => each.id), acknowledged: engine.view.active().flatMap((each) => (each.acknowledged ? [each.id] : [])) })}`,
);
for (let n = 0; round !== 'last'; n++) {
  const alert = { alertType: `kill_${round}_${n}`, source: 'test', severity: 'error', message: 'm' } as const;
  const { id } = await engine.view.raise(alert);
  say(`RAISED ${id}`);
  if (n % 3 === 0) {
    await engine.view.acknowledge(id, 'ann', '');
    say(`ACKNOWLEDGED ${id}`);
  }
  if (n % 5 === 0) {
    const silence = await engine.view.silence({
      matchers: [{ name: 'alert_type', op: '=', value: `quiet_${round}_${n}` }],
      durationMs: 3_600_000,
      createdBy: 'ann',
      comment: '',
    });
    say(`SILENCED ${silence.id}`);
  }
  if (n % 4 === 3) {
    await engine.view.resolve(alert.alertType);
    say(`RESOLVED ${id}`);
  }
}
while (delivery.view.channels().some((channel) => channel.queued > 0))
  await new Promise((resolve) => setTimeout(resolve, 20));
// A summary names a hundred alerts and counts the rest; which ones it stood for is in the outbox.
const outbox = await state.find('outbox', { limit: 1_000_000 });
const arrived = new Set(outbox.filter((entry) => entry.state === 'delivered').map((entry) => entry.id));
for (const { lastError, facts } of outbox) {
  const summary = /^told in summary (\w+)$/.exec(lastError ?? '')?.[1];
  if (summary !== undefined && arrived.has(summary)) say(`TOLD ${facts.alertId} ${facts.status}`);
}
await engine.stop();
await delivery.stop();
await state.close();
say('DONE');
