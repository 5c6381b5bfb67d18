import type { OutboxEntry } from '../../model/notification.ts';
import type { Severity } from '../../model/severity.ts';
import type { ChannelKind } from '../channel-kind.ts';
import { authorization } from '../http-auth.ts';
import { postJson, postTimeoutMs } from '../http-post.ts';
import { verdictOf } from '../http-verdict.ts';
import type { Links } from '../notifier-parts.ts';
import { cut, headword, plainText } from '../words.ts';
import type { NtfySettings } from './ntfy-settings.ts';

/** Bytes of a message; what is longer becomes an attachment that nobody opens at night. */
const largest = 4000;
const priorities: Readonly<Record<Severity, number>> = { debug: 1, info: 2, warning: 3, error: 4, critical: 5 };
const tags: Readonly<Record<Severity, string>> = {
  debug: 'information_source',
  info: 'information_source',
  warning: 'warning',
  error: 'rotating_light',
  critical: 'rotating_light',
};

/** Channel `ntfy`: publishes as JSON, so that texts need no encoding for headers. */
export const ntfyKind: ChannelKind<NtfySettings> = {
  kind: 'ntfy',
  create(ntfy, { version, links }) {
    const url = new URL(ntfy.server_url);
    return {
      target: url.origin,
      timeoutMs: postTimeoutMs + 1000,
      // The public server gives 60 at once and then one every five seconds.
      rate: { burst: 30, perMinute: 12 },
      async deliver(entry, signal) {
        const body = messageOf(entry, ntfy, links);
        const headers = authorization(ntfy);
        return verdictOf(
          await postJson({ url: url.href, body, version, signal, headers }),
          `POST ${url.origin}`,
          Date.now(),
        );
      },
    };
  },
};

function messageOf(entry: OutboxEntry, ntfy: NtfySettings, links: Links): object {
  const { facts } = entry;
  const over = facts.status === 'resolved' || entry.event === 'test' || entry.event === 'probe';
  const acknowledge = links.acknowledge(entry);
  const alert = links.alert(facts.alertId);
  const actions = [
    // One touch acknowledges, without a browser.
    ...(acknowledge === undefined
      ? []
      : [{ action: 'http', label: 'Acknowledge', url: acknowledge, method: 'POST', clear: true }]),
    ...(alert === undefined ? [] : [{ action: 'view', label: 'Open', url: alert }]),
  ];
  return {
    topic: ntfy.topic,
    title: cut(`${headword(entry)}: ${facts.alertType}`.replaceAll(/\s+/g, ' '), 200),
    message: cutBytes(plainText(entry, ntfy.include_context), largest) || '-',
    priority: over ? 3 : priorities[facts.severity],
    tags: [over ? 'white_check_mark' : tags[facts.severity]],
    ...(alert === undefined ? {} : { click: alert }),
    ...(actions.length === 0 ? {} : { actions }),
  };
}

/** At most so many bytes of UTF-8, ending in `…` when something was cut. */
function cutBytes(text: string, limit: number): string {
  if (Buffer.byteLength(text) <= limit) return text;
  let size = 0;
  let out = '';
  for (const character of text) {
    size += Buffer.byteLength(character);
    if (size > limit - 3) break;
    out += character;
  }
  return `${out}…`;
}
