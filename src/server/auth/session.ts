import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../model/clock.ts';
import type { StateStore } from '../../model/store.ts';

export const sessionCookie = 'cryomon_session';
const keyId = 'server.session-key';

/**
 * Sessions as signed cookies: `user.expires.id.signature`. The server keeps only the key and the few sessions that were
 * ended early; a changed password ends all sessions of its user, because its hash goes into the signature.
 */
export interface Sessions {
  issue(user: string, passwordHash: string): string;
  belongsTo(cookie: string, user: string, passwordHash: string): boolean;
  revoke(cookie: string | undefined): void;
}

/** The key outlives restarts, so that people stay logged in; it lies in the state store beside everything it protects. */
export async function createSessions(state: StateStore, clock: Clock, lifetimeSeconds: number): Promise<Sessions> {
  const key = await loadKey(state, clock);
  const revoked = new Map<string, number>();
  const sign = (payload: string, passwordHash: string) =>
    createHmac('sha256', key).update(`${payload}\n${passwordHash}`).digest('base64url');
  return {
    issue(user, passwordHash) {
      const expires = clock.now() + lifetimeSeconds * 1000;
      const payload = [Buffer.from(user).toString('base64url'), expires, randomBytes(12).toString('base64url')].join(
        '.',
      );
      return `${payload}.${sign(payload, passwordHash)}`;
    },
    belongsTo(cookie, user, passwordHash) {
      const [name, expires, id, signature, ...rest] = cookie.split('.');
      if (name === undefined || expires === undefined || id === undefined || signature === undefined) return false;
      if (rest.length > 0 || Buffer.from(name, 'base64url').toString() !== user) return false;
      if (!equal(signature, sign(`${name}.${expires}.${id}`, passwordHash))) return false;
      return Number(expires) > clock.now() && !revoked.has(id);
    },
    revoke(cookie) {
      const [, expires, id] = cookie?.split('.') ?? [];
      if (id === undefined || id.length > 64 || !(Number(expires) > clock.now())) return;
      for (const [old, until] of revoked) if (until <= clock.now()) revoked.delete(old);
      if (revoked.size >= 10_000) revoked.delete(revoked.keys().next().value!);
      revoked.set(id, Number(expires));
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
