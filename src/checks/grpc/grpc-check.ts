import type { Socket } from 'node:net';
import type { CheckInfo, CheckOutcome, ConditionResult } from '../../model/check.ts';
import { formatDuration } from '../../model/duration.ts';
import { cut, redactText } from '../../model/redact.ts';
import type { EndpointKind } from '../endpoint-kind.ts';
import { type Certificate, readCertificate } from '../network/certificate.ts';
import { certificateCondition } from '../network/certificate-condition.ts';
import { dial, handshake } from '../network/dial.ts';
import { failedRun, traces } from '../network/failure.ts';
import { startProgress } from '../network/progress.ts';
import { contextOf } from '../network/tls-settings.ts';
import { timeCondition, verdictOf } from '../verdict.ts';
import { type GrpcAnswer, unaryCall } from './call.ts';
import { healthRequest, healthStatus } from './health-message.ts';

/** The codes of gRPC that a health service answers, in words. */
const codes: Readonly<Record<number, string>> = {
  4: 'DEADLINE_EXCEEDED',
  5: 'NOT_FOUND: the service is not known there',
  7: 'PERMISSION_DENIED',
  12: 'UNIMPLEMENTED: there is no health service',
  13: 'INTERNAL',
  14: 'UNAVAILABLE',
  16: 'UNAUTHENTICATED',
};

/** Asks the health service of a gRPC server (`grpc.health.v1.Health/Check`). */
export const grpcEndpoint: EndpointKind = ({ endpoint, info: given, limits, clock, guard }) => {
  const { host = '', port = 0, service, secure, tls, verify_tls, ip_version } = endpoint;
  const context = contextOf(tls);
  const serverName = tls?.server_name ?? host;
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const info: CheckInfo = {
    ...given,
    kind: 'grpc',
    component: 'api',
    target: `${secure ? 'grpcs' : 'grpc'}://${authority}${service ? `/${service}` : ''}`,
    explanation: `Asks the server’s own health service (grpc.health.v1) ${service ? `about ${service}` : 'about the server as a whole'}, over a new connection.`,
  };

  async function run(signal: AbortSignal): Promise<CheckOutcome> {
    const progress = startProgress(clock.monotonic);
    const startedAt = clock.monotonic();
    let socket: Socket | undefined;
    try {
      const way = { host, port, family: ip_version, guard, signal, progress };
      socket = await dial({ ...way, next: secure ? 'tls' : 'first_byte' });
      let certificate: Certificate | undefined;
      if (secure) {
        const how = { context: context(), serverName, verify: verify_tls, signal, progress, protocols: ['h2'] };
        const safe = await handshake(socket, { ...how, next: 'first_byte' });
        certificate = readCertificate(safe);
        socket = safe;
      }
      const address = socket.remoteAddress ?? '';
      const call = { authority, secure, path: '/grpc.health.v1.Health/Check', request: healthRequest(service) };
      const answer = await unaryCall(socket, call, signal, progress);
      const durationMs = clock.monotonic() - startedAt;
      const health = healthOf(answer);
      const conditions: ConditionResult[] = [
        { condition: 'the health is SERVING', met: health === 'SERVING', seen: health, severity: 'error' },
        timeCondition(limits, durationMs),
        ...(certificate ? [certificateCondition(certificate, limits, clock.now())] : []),
      ];
      return verdictOf(conditions, `SERVING in ${formatDuration(durationMs)}`, progress.phases, (status) => ({
        address,
        health,
        http_status: answer.httpStatus,
        ...(answer.status === undefined ? {} : { grpc_status: answer.status }),
        ...(status === 'ok' ? {} : traces(progress)),
      }));
    } catch (error) {
      return failedRun(error, progress, signal, info.timeoutMs);
    } finally {
      socket?.destroy();
    }
  }

  return { info, run };
};

/** What the answer says of the health, in one word or a short sentence. */
function healthOf({ httpStatus, status, message, data }: GrpcAnswer): string {
  if (httpStatus !== 200) return `the answer has HTTP status ${httpStatus}`;
  if (status === undefined) return 'an answer that is not gRPC';
  if (status !== 0) {
    const words = codes[status] ?? `code ${status}`;
    return message ? `${words} (${cut(redactText(message), 200)})` : words;
  }
  try {
    return healthStatus(data);
  } catch (error) {
    return error instanceof Error ? error.message : 'an answer that cannot be read';
  }
}
