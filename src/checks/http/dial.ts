import type { SecureContext } from 'node:tls';
import type { Guard } from '../network/guard.ts';
import type { Scratch } from './scratch.ts';

/** How an http check connects. What only the first origin may see is kept apart: a redirect may lead to strangers. */
export interface HttpDial {
  readonly guard?: Guard | undefined;
  readonly family?: 4 | 6 | undefined;
  readonly verifyTls: boolean;
  /** The origin of the first request. */
  readonly origin: string;
  /** For the first origin: with the client certificate. */
  readonly context: () => SecureContext;
  /** For every other origin: without it. */
  readonly strangerContext: () => SecureContext;
  /** Name for SNI and certificate of the first origin. */
  readonly serverName?: string | undefined;
  /** Where the first origin really is. */
  readonly connectTo?: { readonly host: string; readonly port: number | undefined } | undefined;
  readonly proxy?: URL | undefined;
}

/** One HTTP request over a connection of its own. */
export interface ProbeRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly dial: HttpDial;
  /** false: the verdict is made from the headers, the body is cut off. */
  readonly readBody: boolean;
  /** Reading stops here. */
  readonly maxBodyBytes: number;
  /** Takes what conditions and evidence need of the body; the rest is only counted. */
  readonly scratch: Scratch;
  /** A condition needs the body: it is read even when its announced length is over the limit. */
  readonly needsBody: boolean;
  /** Ends everything, DNS and body included. */
  readonly signal: AbortSignal;
}

/** The port of a URL, with the scheme's own when it names none. */
export function portOf(url: URL): number {
  return url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
}
