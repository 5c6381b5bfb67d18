import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';

/** What matters of a certificate. */
export interface Certificate {
  readonly subject: string;
  readonly issuer: string;
  /** Epoch ms. */
  readonly validFrom: number;
  /** Epoch ms. */
  readonly validTo: number;
  readonly tlsVersion: string;
}

/** One certificate of a chain, as evidence. */
export interface ChainLink {
  readonly subject: string;
  readonly issuer: string;
  readonly names: string;
  /** Epoch ms. */
  readonly validFrom: number;
  /** Epoch ms. */
  readonly validTo: number;
  /** `RSA 2048`, `EC prime256v1`. */
  readonly key: string;
  readonly bits: number | undefined;
  readonly fingerprint: string;
}

/** Longest chain that is looked at: a server may send what it likes. */
const longestChain = 8;

/** Reads the certificate of a connection that is open; undefined when there is none. */
export function readCertificate(socket: TLSSocket): Certificate | undefined {
  const certificate = socket.getPeerCertificate();
  if (!certificate?.valid_to) return undefined;
  return {
    subject: nameOf(certificate.subject),
    issuer: nameOf(certificate.issuer),
    validFrom: moment(certificate.valid_from),
    validTo: moment(certificate.valid_to),
    tlsVersion: socket.getProtocol() ?? '',
  };
}

/** The chain from the server's own certificate upwards, as far as it is known. */
export function readChain(socket: TLSSocket): ChainLink[] {
  const chain: ChainLink[] = [];
  let one: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  const seen = new Set<string>();
  while (one?.valid_to && chain.length < longestChain && !seen.has(one.fingerprint256)) {
    seen.add(one.fingerprint256);
    chain.push({
      subject: nameOf(one.subject),
      issuer: nameOf(one.issuer),
      names: (one.subjectaltname ?? '').replaceAll('DNS:', '').replaceAll('IP Address:', '').slice(0, 200),
      validFrom: moment(one.valid_from),
      validTo: moment(one.valid_to),
      key: one.asn1Curve ? `EC ${one.asn1Curve}` : `${one.modulus ? 'RSA' : 'key of'} ${one.bits ?? '?'}`,
      bits: one.modulus ? one.bits : undefined,
      fingerprint: one.fingerprint256.slice(0, 23),
    });
    one = one.issuerCertificate;
  }
  return chain;
}

/** The chain as it is shown: one line for each certificate. */
export function chainLines(chain: readonly ChainLink[]): string[] {
  const day = (at: number) => (at > 0 ? new Date(at).toISOString().slice(0, 10) : '?');
  return chain.map(({ subject, issuer, names, validFrom, validTo, key }) =>
    `${subject}${names ? ` (${names})` : ''}, issued by ${issuer}, ${day(validFrom)} to ${day(validTo)}, ${key}`.slice(
      0,
      400,
    ),
  );
}

/**
 * Why a connection that was made without verification is not to be trusted, as the error that verification would have thrown;
 * undefined when it is fine. Verifying after the handshake keeps the chain at hand as evidence.
 */
export function distrust(socket: TLSSocket): (Error & { readonly code: string }) | undefined {
  if (socket.authorized) return undefined;
  const code = String(socket.authorizationError ?? 'CERT_UNTRUSTED');
  // Node's own sentence leaves the names out where an IP address was asked for.
  const names = socket.getPeerCertificate().subjectaltname ?? '';
  const message = code === 'ERR_TLS_CERT_ALTNAME_INVALID' ? `does not match the altnames: ${names}` : code;
  return Object.assign(new Error(message), { code });
}

function nameOf(parts: { CN?: string | string[]; O?: string | string[] } | undefined): string {
  const first = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value);
  return (first(parts?.CN) ?? first(parts?.O) ?? '').slice(0, 200);
}

function moment(text: string): number {
  const at = Date.parse(text);
  return Number.isNaN(at) ? 0 : at;
}

/** Whole days until the certificate expires; negative when it has. */
export function daysLeft(certificate: Pick<Certificate, 'validTo'>, now: number): number {
  return Math.floor((certificate.validTo - now) / 86_400_000);
}
