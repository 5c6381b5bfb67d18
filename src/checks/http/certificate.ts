import type { TLSSocket } from 'node:tls';

/** What matters of a server's certificate. */
export interface Certificate {
  readonly subject: string;
  readonly issuer: string;
  /** Epoch ms. */
  readonly validTo: number;
  readonly tlsVersion: string;
}

/** Reads the certificate of a connection that is open; undefined when there is none. */
export function readCertificate(socket: TLSSocket): Certificate | undefined {
  const certificate = socket.getPeerCertificate();
  if (!certificate?.valid_to) return undefined;
  const validTo = Date.parse(certificate.valid_to);
  return {
    subject: name(certificate.subject),
    issuer: name(certificate.issuer),
    validTo: Number.isNaN(validTo) ? 0 : validTo,
    tlsVersion: socket.getProtocol() ?? '',
  };
}

function name(parts: { CN?: string | string[]; O?: string | string[] } | undefined): string {
  const first = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value);
  return first(parts?.CN) ?? first(parts?.O) ?? '';
}

/** Whole days until the certificate expires; negative when it has. */
export function daysLeft(certificate: Certificate, now: number): number {
  return Math.floor((certificate.validTo - now) / 86_400_000);
}
