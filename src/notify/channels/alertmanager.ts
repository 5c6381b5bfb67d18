import type { DeliveryResult, OutboxEntry } from '../../model/notification.ts';
import type { ChannelKind } from '../channel-kind.ts';
import { authorization } from '../http-auth.ts';
import { postJson, postTimeoutMs } from '../http-post.ts';
import { verdictOf } from '../http-verdict.ts';
import { type AlertmanagerAlert, alertOf } from './alertmanager-alert.ts';
import type { AlertmanagerSettings } from './alertmanager-settings.ts';

/** How long an end is sent again and again, so that a node that starts meanwhile hears of it. */
const endsForMs = 15 * 60_000;
/** Alerts in one request of the repetition. */
const mostAtOnce = 1000;

/** What the cluster must be told of one episode until it is over. */
interface Held {
  readonly entry: OutboxEntry;
  /** Epoch ms of the end; undefined while it fires. */
  readonly endsAt: number | undefined;
}

/**
 * Channel `alertmanager`: pushes every alert to every node, since nodes tell each other of silences but not of alerts. What fires is sent
 * again at least once a minute with an end a few minutes ahead, so that a monitor that died does not leave alerts behind for ever.
 */
export const alertmanagerKind: ChannelKind<AlertmanagerSettings> = {
  kind: 'alertmanager',
  create(settings, { version, links, clock, log }) {
    /** By labels: a changed severity is another alert for Alertmanager. */
    const held = new Map<string, Held>();
    const aheadMs = settings.resend_seconds * 4000;
    const headers = authorization(settings);
    const closing = new AbortController();

    const alertFor = ({ entry, endsAt }: Held): AlertmanagerAlert =>
      alertOf(entry, endsAt ?? clock.now() + aheadMs, settings, links);

    async function push(alerts: readonly AlertmanagerAlert[], signal: AbortSignal): Promise<DeliveryResult> {
      const answers = await Promise.all(
        settings.urls.map(async (node) => {
          const url = new URL(`${node.replace(/\/+$/, '')}/api/v2/alerts`);
          const verifyTls = settings.verify_ssl;
          return verdictOf(
            await postJson({ url: url.href, body: alerts, version, signal, headers, verifyTls }),
            `POST ${url.origin}`,
            Date.now(),
          );
        }),
      );
      const summary = answers.map((each) => each.summary).join('; ');
      // A node that is down gets everything with the next repetition; the cluster has it when one node has it.
      if (answers.some((each) => each.outcome === 'delivered')) return { outcome: 'delivered', summary };
      const again = answers.find((each) => each.outcome === 'retry');
      return { ...(again ?? answers[0]!), summary };
    }

    /** Takes news in: what to say about it now, and what will have to be said again. */
    function take(entry: OutboxEntry): AlertmanagerAlert[] {
      const endsAt = entry.facts.status === 'resolved' ? (entry.facts.resolvedAt ?? clock.now()) : undefined;
      if (entry.event === 'test' || entry.event === 'probe') return [alertFor({ entry, endsAt: clock.now() + 60_000 })];
      const now: Held = { entry, endsAt };
      const key = JSON.stringify(alertFor(now).labels);
      const out: AlertmanagerAlert[] = [];
      for (const [other, before] of held) {
        if (before.entry.episodeId !== entry.episodeId || other === key || before.endsAt !== undefined) continue;
        const over: Held = { ...before, endsAt: endsAt ?? clock.now() };
        held.set(other, over);
        out.push(alertFor(over));
      }
      held.set(key, now);
      return [...out, alertFor(now)];
    }

    async function repeat(): Promise<void> {
      for (const [key, { endsAt }] of held) {
        if (endsAt !== undefined && clock.now() - endsAt > endsForMs) held.delete(key);
      }
      const alerts = [...held.values()].map(alertFor);
      for (let start = 0; start < alerts.length; start += mostAtOnce) {
        const result = await push(alerts.slice(start, start + mostAtOnce), closing.signal);
        if (result.outcome !== 'delivered' && !closing.signal.aborted)
          log.warn(
            { summary: result.summary },
            'Alertmanager was not reached with what still fires; the next try follows.',
          );
      }
    }

    const timer = clock.every(settings.resend_seconds * 1000, () => void repeat());
    return {
      target: settings.urls.map((node) => new URL(node).origin).join(', '),
      timeoutMs: postTimeoutMs + 1000,
      // It groups, throttles and summarises by its own rules.
      individually: true,
      deliver: (entry, signal) => push(take(entry), signal),
      together: { most: 5000, deliver: (entries, signal) => push(entries.flatMap(take), signal) },
      resume(delivered) {
        for (const entry of delivered) take(entry);
        if (held.size > 0) void repeat();
      },
      async close() {
        timer.cancel();
        closing.abort();
      },
    };
  },
};
