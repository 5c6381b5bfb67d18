import { z } from 'zod';
import { sessionCookie } from '../auth/session.ts';
import { Refusal } from '../refusal.ts';
import { Answer, route } from '../route.ts';
import { sessionSchema } from '../schemas/monitor.ts';

/** Who is logged in, logging in and out. */
export const sessionRoutes = [
  route({
    name: 'session',
    summary: 'Who asks, and what they may do.',
    answer: sessionSchema,
    handle: ({ gate }, { caller }) => gate.session(caller),
  }),
  route({
    name: 'login',
    summary: 'Logs in with a password; the answer sets the session cookie.',
    body: z.strictObject({ user: z.string().min(1).max(200), password: z.string().min(1).max(1000) }),
    bodyLimit: 8192,
    answer: sessionSchema,
    handle: async ({ gate }, { body, ip, secure }) => {
      const cookie = await gate.login(body.user, body.password, ip);
      const caller = gate.caller({ authorization: undefined, cookie });
      if (caller.by !== 'cookie') throw new Refusal('login-failed', 'The name or the password is wrong.');
      return new Answer(gate.session(caller), {
        headers: { 'set-cookie': setCookie(cookie, gate.sessionSeconds, secure) },
      });
    },
  }),
  route({
    name: 'logout',
    summary: 'Ends the session.',
    answer: sessionSchema,
    handle: ({ gate }, { cookie, secure }) => {
      gate.logout(cookie);
      const caller = gate.caller({ authorization: undefined, cookie: undefined });
      return new Answer(gate.session(caller), { headers: { 'set-cookie': setCookie('', 0, secure) } });
    },
  }),
];

function setCookie(value: string, seconds: number, secure: boolean): string {
  const age = Math.round(seconds);
  return `${sessionCookie}=${value}; Path=/monitoring; Max-Age=${age}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
}
