/**
 * The process that the kill test of delivery ends at random moments. Its receivers are as bad as they can be: `webhooks[0]` is slow, says
 * 503 or cuts the connection after it took the message; `refusing` takes nothing, so that everything goes on to `backup`; `late` is called
 * by an escalation after a moment. It raises alerts and prints a line for each that it was promised to be durable.
 */
import { createAlertEngine } from '../../src/alerts/index.ts';
import { alertsSettings } from '../../src/alerts/settings.ts';
import { settingsSchema } from '../../src/configuration.ts';
import { systemClock } from '../../src/model/clock.ts';
import { silentLog } from '../../src/model/log.ts';
import type { SeriesStore } from '../../src/model/store.ts';
import { createDelivery, createNotifiers, notificationsSettings } from '../../src/notify/index.ts';
import { openStateStore } from '../../src/store/state.ts';

const [dir, url, round] = process.argv.slice(2) as [string, string, string];
const clock = systemClock;
const log = silentLog;
const state = await openStateStore({ dir, log, clock });
const pager = { type: 'pagerduty', integration_key: 'k'.repeat(32), rate_limit_per_minute: 60_000 } as const;
const settings = notificationsSettings.parse({
  log: { enabled: false },
  webhooks: [{ webhook_url: `${url}/flaky`, throttle_seconds: 0, timeout: 0.5 }],
  channels: [
    { ...pager, name: 'refusing', api_url: `${url}/refusing/`, fallback: 'backup', integration_key: 'r'.repeat(32) },
    { ...pager, name: 'backup', api_url: url, match: ['alert_type="nothing"'] },
    { ...pager, name: 'late', api_url: url, integration_key: 'l'.repeat(32) },
  ],
});
const defaults = settingsSchema.parse({});
const notifiers = createNotifiers({ settings, log, version: 'test' });
const emit = () => undefined;
const delivery = createDelivery({ notifiers, state, clock, emit, log });
const engine = await createAlertEngine({
  settings: alertsSettings.parse({
    // Every alert is told by itself: storms are for the other kill test.
    storm: { at_once: 1000, per_minute: 10_000 },
    escalation: [{ name: 'e', match: 'source="test"', steps: [{ after_seconds: 0.2, notify: ['late'] }] }],
  }),
  thresholds: defaults.monitoring.alert_thresholds,
  checks: {
    database: defaults.database_monitoring,
    api: defaults.api_monitoring,
    system: defaults.system_monitoring,
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
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const ticking = setInterval(() => void engine.tick(), 50);

say('READY');
for (let n = 0; round !== 'last'; n++) {
  const { id } = await engine.view.raise({
    alertType: `kill_${round}_${n}`,
    source: 'test',
    severity: 'error',
    message: 'm',
  });
  say(`RAISED ${id}`);
  await pause(20);
}
// What came together is told together, a moment later: only then is the queue the whole of what is owed.
const patience = clock.now() + 20_000;
while (clock.now() < patience && engine.view.active().some((episode) => !episode.notified)) await pause(20);
await pause(500);
while (delivery.view.channels().some((channel) => channel.queued > 0)) await pause(20);
clearInterval(ticking);
const outbox = await state.find('outbox', { limit: 1_000_000 });
const arrived = new Set(outbox.filter((entry) => entry.state === 'delivered').map((entry) => entry.id));
for (const { lastError, facts } of outbox) {
  const summary = /^told in summary (\w+)$/.exec(lastError ?? '')?.[1];
  if (summary !== undefined && arrived.has(summary)) say(`TOLD ${facts.alertId}`);
}
for (const entry of outbox) if (entry.channel === 'late') say(`LATE ${entry.episodeId} ${entry.event}`);
await engine.stop();
await delivery.stop();
await state.close();
say('DONE');
