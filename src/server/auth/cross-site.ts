import { Refusal } from '../refusal.ts';
import type { Caller } from './gate.ts';

/** The headers by which a browser says which page a request comes from. */
export interface Provenance {
  readonly origin: string | undefined;
  readonly fetchSite: string | undefined;
  readonly host: string | undefined;
}

/**
 * Refuses state-changing requests that another site's page made the browser send. A bearer token cannot be sent by
 * accident, so those pass. Programs without a browser send neither Origin nor Sec-Fetch-Site.
 */
export function refuseCrossSite(caller: Caller, from: Provenance): void {
  if (caller.by === 'token') return;
  const site = from.fetchSite;
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    throw refusal(`Sec-Fetch-Site is ${site.slice(0, 40)}`);
  if (from.origin === undefined) return;
  if (hostOf(from.origin) !== from.host?.toLowerCase()) throw refusal(`Origin is ${from.origin.slice(0, 100)}`);
}

/** Host and port of an origin. The scheme is left aside, because a proxy may end https in front of us. */
function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    return undefined;
  }
}

function refusal(seen: string): Refusal {
  return new Refusal('cross-site', `A page of another site may not change anything here (${seen}).`, {
    hint: 'Open the dashboard itself, or send a bearer token.',
  });
}
