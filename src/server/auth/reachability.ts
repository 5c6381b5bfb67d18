import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { MonitorError } from '../../model/problem.ts';
import { Refusal } from '../refusal.ts';
import type { ServerSettings } from '../settings.ts';

/** True for addresses that only this machine can reach. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
  return (
    bare === 'localhost' ||
    bare.endsWith('.localhost') ||
    bare === '::1' ||
    bare === '::ffff:127.0.0.1' ||
    /^127(\.\d{1,3}){3}$/.test(bare)
  );
}

/** Throws MonitorError `login-required` when others could reach the monitor and nobody would be asked who they are. */
export function refuseOpenDoor(host: string, auth: ServerSettings['auth']): void {
  if (isLoopback(host) || auth.users.length > 0 || auth.tokens.length > 0) return;
  throw new MonitorError(
    'login-required',
    `server.host is "${host}", which other machines can reach, but server.auth names no user and no token.`,
    {
      hint: 'Add server.auth.users (name and password_hash from `cryomon hash-password`) or server.auth.tokens, or listen on 127.0.0.1.',
    },
  );
}

/**
 * Makes the test against DNS rebinding: a page of another site whose name suddenly points here still sends its own name.
 * IP addresses cannot be rebound; names must be ours.
 */
export function createHostTest(host: string, allowed: readonly string[]): (header: string | undefined) => void {
  const names = new Set([host, hostname(), ...allowed].map((name) => name.toLowerCase()));
  const endings = allowed.filter((name) => name.startsWith('*.')).map((name) => name.slice(1).toLowerCase());
  return (header) => {
    const name = hostName(header);
    if (name !== undefined && (isLoopback(name) || isIP(name) !== 0 || names.has(name))) return;
    if (name !== undefined && endings.some((ending) => name.endsWith(ending))) return;
    throw new Refusal('bad-host', `This monitor does not answer to the name \`${(header ?? '').slice(0, 100)}\`.`, {
      path: 'header.host',
      hint: 'Add the name to server.allowed_hosts, or use the address it listens on.',
    });
  };
}

/** The name in a Host header, without port and brackets, in lower case. */
export function hostName(header: string | undefined): string | undefined {
  const found = /^(\[[0-9a-f:.%]+\]|[^:[\]/\s]+)(:\d+)?$/i.exec(header ?? '');
  return found?.[1]?.replace(/^\[|\]$/g, '').toLowerCase();
}
