import { createHash, timingSafeEqual } from 'node:crypto';
import type { SessionView } from '../../model/api.ts';
import type { Clock } from '../../model/clock.ts';
import type { StateStore } from '../../model/store.ts';
import { Refusal } from '../refusal.ts';
import type { ServerSettings } from '../settings.ts';
import { createAttemptLimit } from './attempt-limit.ts';
import { hashPassword, verifyPassword } from './password.ts';
import { createSessions, type Sessions } from './session.ts';

export type Role = 'viewer' | 'operator';

/** Who asks. `role` null: nobody we know. */
export interface Caller {
  readonly name: string | null;
  readonly role: Role | null;
  /** How they proved it: only a cookie (or nothing at all) can be abused by another site's page. */
  readonly by: 'cookie' | 'token' | 'local' | 'nobody';
}

/** Decides who a request comes from and logs people in. */
export interface Gate {
  readonly loginRequired: boolean;
  caller(headers: { authorization: string | undefined; cookie: string | undefined }): Caller;
  /** Checks a password; the answer is the cookie's value. Throws a Refusal. */
  login(user: string, password: string, ip: string): Promise<string>;
  logout(cookie: string | undefined): void;
  session(caller: Caller): SessionView;
  readonly sessionSeconds: number;
}

interface User {
  readonly name: string;
  readonly hash: string;
  readonly role: Role;
}

const nobody: Caller = { name: null, role: null, by: 'nobody' };
const local: Caller = { name: 'local', role: 'operator', by: 'local' };

/** Makes the gate. Hashes passwords that were given in clear, and keeps the key of the session cookies in the state store. */
export async function createGate(
  auth: ServerSettings['auth'],
  ownToken: string,
  state: StateStore,
  clock: Clock,
): Promise<Gate> {
  const users = await Promise.all(auth.users.map(toUser));
  const tokens = [
    { name: 'command line', digest: digest(ownToken), role: 'operator' as const },
    ...auth.tokens.map(({ name, token, role }) => ({ name, digest: digest(token), role })),
  ];
  const loginRequired = users.length > 0 || auth.tokens.length > 0;
  const sessions = await createSessions(state, clock, auth.session_hours * 3600);
  const limit = createAttemptLimit(clock);
  return {
    loginRequired,
    sessionSeconds: auth.session_hours * 3600,
    caller: ({ authorization, cookie }) => {
      if (authorization !== undefined) return byToken(tokens, authorization);
      return bySession(sessions, users, cookie) ?? (loginRequired ? nobody : local);
    },
    async login(name, password, ip) {
      limit.take(ip, name);
      const user = users.find((one) => one.name === name);
      // An unknown name costs what a known one costs, so that the time of an answer does not tell which names exist.
      const right = await verifyPassword(password, (user ?? users[0])?.hash ?? '');
      if (!user || !right) throw new Refusal('login-failed', 'The name or the password is wrong.');
      limit.forgive(ip, name);
      return sessions.issue(user.name, user.hash);
    },
    logout: (cookie) => sessions.revoke(cookie),
    session: (caller) => ({
      authenticated: caller.role !== null,
      user: caller.name,
      role: caller.role,
      login_required: loginRequired,
    }),
  };
}

async function toUser(user: ServerSettings['auth']['users'][number]): Promise<User> {
  const hash = user.password_hash ?? (await hashPassword(user.password ?? crypto.randomUUID()));
  return { name: user.name, role: user.role, hash };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function byToken(tokens: readonly { name: string; digest: Buffer; role: Role }[], authorization: string): Caller {
  const token = /^Bearer\s+(\S+)\s*$/i.exec(authorization)?.[1];
  if (token === undefined) return nobody;
  const given = digest(token);
  let found: Caller = nobody;
  // All of them every time: the answer's time must not say how many were tried.
  for (const one of tokens)
    if (timingSafeEqual(one.digest, given)) found = { name: one.name, role: one.role, by: 'token' };
  return found;
}

function bySession(sessions: Sessions, users: readonly User[], cookie: string | undefined): Caller | undefined {
  if (cookie === undefined) return undefined;
  for (const user of users) {
    if (sessions.belongsTo(cookie, user.name, user.hash)) return { name: user.name, role: user.role, by: 'cookie' };
  }
  return undefined;
}
