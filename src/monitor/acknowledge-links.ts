/** Links in notifications: to the alert, and to the page that acknowledges it without a login. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../model/clock.ts';
import type { AcknowledgeTicket, OutboxEntry } from '../model/notification.ts';
import type { StateStore } from '../model/store.ts';

const keyId = 'notify.link-key';
/** News whose alert can still be acknowledged. */
const open: ReadonlySet<OutboxEntry['event']> = new Set(['firing', 'flapping', 'escalated', 'reminder']);

export interface AcknowledgeLinks {
  acknowledge(entry: OutboxEntry): string | undefined;
  alert(alertId: string): string | undefined;
  /** Reads what stands in a link. */
  read(token: string): AcknowledgeTicket;
  /** The address the monitor listens on, for links while no public one is set. */
  listensOn(url: string): void;
}

/**
 * Makes the links. A link is a capability: whoever has it may acknowledge this one alert until it expires, and nothing else. The key
 * lies in the state store, so links outlive restarts; the same message has the same link on every attempt.
 */
export async function createAcknowledgeLinks(options: {
  readonly state: StateStore;
  readonly clock: Clock;
  /** `server.public_url`; empty: the address the monitor listens on. */
  readonly publicUrl: string;
  readonly hours: number;
}): Promise<AcknowledgeLinks> {
  const { state, clock, publicUrl, hours } = options;
  const key = await loadKey(state, clock);
  let base = publicUrl.replace(/\/+$/, '');
  const sign = (payload: string) => createHmac('sha256', key).update(`acknowledge\n${payload}`).digest('base64url');
  return {
    acknowledge(entry) {
      if (base === '' || !open.has(entry.event)) return undefined;
      const payload = `${entry.episodeId}.${Math.round(entry.createdAt + hours * 3_600_000).toString(36)}`;
      return `${base}/monitoring/acknowledge/${payload}.${sign(payload)}`;
    },
    alert: (alertId) => (base === '' ? undefined : `${base}/monitoring/alerts/${encodeURIComponent(alertId)}`),
    read(token) {
      const [episodeId = '', expires = '', signature = '', ...rest] = token.split('.');
      if (rest.length > 0 || !equal(signature, sign(`${episodeId}.${expires}`))) return { valid: false, why: 'wrong' };
      if (!(Number.parseInt(expires, 36) > clock.now())) return { valid: false, why: 'expired' };
      return { valid: true, episodeId };
    },
    listensOn(url) {
      if (base === '') base = url;
    },
  };
}

function equal(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

async function loadKey(state: StateStore, clock: Clock): Promise<Buffer> {
  const kept = await state.get('memory', keyId);
  if (typeof kept?.value === 'string' && kept.value.length >= 43) return Buffer.from(kept.value, 'base64url');
  const key = randomBytes(32);
  await state.commit([{ in: 'memory', put: { id: keyId, at: clock.now(), value: key.toString('base64url') } }]);
  return key;
}
