import type { TLSSocket } from 'node:tls';
import type { CheckInfo, CheckOutcome, ConditionResult } from '../../model/check.ts';
import type { EndpointKind } from '../endpoint-kind.ts';
import { type ChainLink, chainLines, daysLeft, distrust, readChain } from '../network/certificate.ts';
import { certificateCondition } from '../network/certificate-condition.ts';
import { dial, handshake } from '../network/dial.ts';
import { failedRun, traces } from '../network/failure.ts';
import { startProgress } from '../network/progress.ts';
import { contextOf } from '../network/tls-settings.ts';
import { networkFailure } from '../network-words.ts';
import { timeCondition, verdictOf } from '../verdict.ts';

/** RSA keys below this are weak by every browser's and NIST's rules. */
const leastRsaBits = 2048;

/** Shakes hands in TLS and judges the certificates: trust, name, days left of the whole chain, strength, protocol. */
export const tlsEndpoint: EndpointKind = ({ endpoint, info: given, limits, clock, guard }) => {
  const { host = '', port = 443, tls, verify_tls, ip_version } = endpoint;
  const context = contextOf(tls);
  const serverName = tls?.server_name ?? host;
  const info: CheckInfo = {
    ...given,
    kind: 'tls',
    component: 'api',
    target: `${host.includes(':') ? `[${host}]` : host}:${port}${tls?.server_name ? ` (${tls.server_name})` : ''}`,
    explanation:
      'Shakes hands in TLS and judges the certificates: whether they are trusted and for this name, how long the whole chain is valid, how strong ' +
      'their keys are, and which protocol is spoken. Nothing is sent.',
  };

  async function run(signal: AbortSignal): Promise<CheckOutcome> {
    const progress = startProgress(clock.monotonic);
    const startedAt = clock.monotonic();
    let socket: TLSSocket | undefined;
    try {
      const plain = await dial({ host, port, family: ip_version, guard, signal, progress, next: 'tls' });
      const how = { context: context(), serverName, signal, progress, next: 'tls' as const };
      // Verified below, so that days and strength are judged as well when the trust is missing.
      socket = await handshake(plain, { ...how, verify: false });
      const durationMs = clock.monotonic() - startedAt;
      const chain = readChain(socket);
      const conditions = [
        ...(verify_tls ? [trust(socket, serverName.replace(/^\[|\]$/g, ''))] : []),
        timeCondition(limits, durationMs),
        ...validity(chain, limits, clock.now()),
        ...strength(chain),
      ];
      const protocol = socket.getProtocol() ?? '?';
      const cipher = socket.getCipher()?.name ?? '?';
      const days = chain.length > 0 ? Math.min(...chain.map((link) => daysLeft(link, clock.now()))) : undefined;
      return verdictOf(conditions, `${protocol}, valid for ${days} days`, progress.phases, () => ({
        address: socket?.remoteAddress ?? '',
        protocol,
        cipher,
        ...(days === undefined ? {} : { certificate_days_left: days }),
        certificate_chain: chainLines(chain),
        ...(progress.addresses.length > 0 ? { dns_answers: traces(progress).dns_answers } : {}),
      }));
    } catch (error) {
      return failedRun(error, progress, signal, info.timeoutMs);
    } finally {
      socket?.destroy();
    }
  }

  return { info, run };
};

function trust(socket: TLSSocket, serverName: string): ConditionResult {
  const problem = distrust(socket);
  return {
    condition: `the certificate is trusted for ${serverName}`,
    met: problem === undefined,
    seen: problem ? networkFailure(problem).reason : 'it is',
    severity: 'error',
  };
}

/** The certificate that ends first ends the trust, also when it is an intermediate one; a root of the machine's own is its business. */
function validity(
  chain: readonly ChainLink[],
  limits: Parameters<typeof certificateCondition>[1],
  now: number,
): ConditionResult[] {
  const served = chain.filter((link, index) => index === 0 || link.subject !== link.issuer);
  const first = served.toSorted((a, b) => a.validTo - b.validTo)[0];
  if (!first) return [];
  const whose = first === served[0] ? 'the certificate' : `the intermediate certificate ${first.subject}`;
  return [certificateCondition(first, limits, now, whose)];
}

function strength(chain: readonly ChainLink[]): ConditionResult[] {
  const weak = chain.find(({ bits }) => bits !== undefined && bits < leastRsaBits);
  const leaf = chain[0];
  if (!leaf) return [];
  return [
    {
      condition: `RSA keys have at least ${leastRsaBits} bits`,
      met: weak === undefined,
      seen: weak ? `${weak.subject} has ${weak.key}` : leaf.key,
      severity: 'warning',
    },
  ];
}
