import { networkInterfaces } from 'node:os';
import { redactText } from '../model/redact.ts';

/** An error of the network, DNS or TLS in words for people. */
export interface NetworkFailure {
  readonly reason: string;
  /** The system's or library's code, e.g. `ECONNREFUSED`. */
  readonly code?: string;
  /** True when this machine had no network at all: then the failure says nothing about the target. */
  readonly inconclusive?: true;
}

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused: nobody listens there',
  ECONNRESET: 'the other side cut the connection',
  EPIPE: 'the other side closed the connection while we were sending',
  ETIMEDOUT: 'the connection attempt timed out',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  EHOSTDOWN: 'the host is down',
  EADDRNOTAVAIL: 'no local address or port is left for the connection',
  EMFILE: 'the monitor has too many files open',
  ENOTFOUND: 'the name does not exist in DNS',
  EAI_AGAIN: 'DNS did not answer',
  ENODATA: 'DNS knows the name, but no address for it',
  ESERVFAIL: 'the resolver failed to find an answer (SERVFAIL)',
  EREFUSED: 'the resolver refuses to answer',
  EBADRESP: 'the answer of the resolver cannot be read',
  ETIMEOUT: 'the resolver did not answer',
  CERT_HAS_EXPIRED: 'the certificate has expired',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate chain ends in a self-signed certificate that is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate cannot be verified: an intermediate certificate is missing',
  UNABLE_TO_GET_ISSUER_CERT: 'the issuer of the certificate is not known',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the issuer of the certificate is not trusted here',
  CERT_REVOKED: 'the certificate is revoked',
  CERT_UNTRUSTED: 'the certificate is not trusted',
  CERT_SIGNATURE_FAILURE: 'the signature of the certificate is wrong',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another name',
  HPE_HEADER_OVERFLOW: 'the response headers are larger than 16 KiB',
  HPE_INVALID_CONSTANT: 'the answer is not HTTP',
  HPE_INVALID_STATUS: 'the answer has no valid HTTP status',
  HPE_INVALID_VERSION: 'the answer has no valid HTTP version',
  HPE_INVALID_CONTENT_LENGTH: 'the Content-Length of the answer is not a number',
  HPE_UNEXPECTED_CONTENT_LENGTH: 'the answer has a Content-Length that contradicts its other headers',
  HPE_INVALID_CHUNK_SIZE: 'the chunked body of the answer is broken',
  HPE_INVALID_HEADER_TOKEN: 'the headers of the answer are broken',
  HPE_CR_EXPECTED: 'the headers of the answer are broken',
  HPE_LF_EXPECTED: 'the headers of the answer are broken',
};

/** Failures that a machine without any network has with every target. */
const networkCodes = new Set(['ENETUNREACH', 'EHOSTUNREACH', 'EAI_AGAIN', 'ENOTFOUND', 'ENETDOWN', 'EADDRNOTAVAIL']);

interface SystemError extends Error {
  readonly code?: string;
  readonly address?: string;
  readonly port?: number;
  readonly hostname?: string;
  readonly errors?: readonly unknown[];
}

/** Says what went wrong and where, e.g. `connection refused: nobody listens there (127.0.0.1:5432)`. Never holds a secret. */
export function networkFailure(error: unknown): NetworkFailure {
  if (!(error instanceof Error)) return { reason: redactText(String(error)) };
  const all = partsOf(error);
  const first = all[0] ?? (error as SystemError);
  const code = first.code;
  const said = (code && (words[code] ?? otherWords(code))) || redactText(first.message) || 'failed without a message';
  const places = [...new Set(all.map(placeOf).filter((place) => place !== ''))];
  const detail = code === 'ERR_TLS_CERT_ALTNAME_INVALID' ? altNameDetail(first.message) : '';
  return {
    reason: `${said}${detail}${places.length > 0 ? ` (${places.join(', ')})` : ''}`,
    ...(code ? { code } : {}),
    ...(code && networkCodes.has(code) && !hasNetwork() ? { inconclusive: true as const } : {}),
  };
}

/** A name with several addresses fails with one error for each of them. */
function partsOf(error: SystemError): readonly SystemError[] {
  const inner = error.errors?.filter((one): one is SystemError => one instanceof Error) ?? [];
  return inner.length > 0 ? inner : [error];
}

function placeOf({ address, port, hostname }: SystemError): string {
  if (address !== undefined) {
    const host = address.includes(':') ? `[${address}]` : address;
    return port === undefined ? host : `${host}:${port}`;
  }
  return hostname ?? '';
}

function otherWords(code: string): string | undefined {
  if (code.startsWith('ERR_HTTP2_')) return `the answer is not valid HTTP/2 (${code})`;
  if (code.startsWith('HPE_')) return `the answer is not valid HTTP (${code})`;
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_'))
    return `the TLS handshake failed (${code}); perhaps the other side does not speak TLS`;
  return undefined;
}

/** From Node's sentence only the names that the certificate has. */
function altNameDetail(message: string): string {
  const names = /altnames?: (.*)$/i.exec(message)?.[1];
  return names ? `: ${names.replaceAll('DNS:', '').slice(0, 200)}` : '';
}

/** True when any interface but loopback has an address. */
function hasNetwork(): boolean {
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some((one) => !one.internal));
}
