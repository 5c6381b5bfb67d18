import { isIP } from 'node:net';
import type { Check, CheckInfo, CheckOutcome, ConditionResult } from '../../model/check.ts';
import type { Clock } from '../../model/clock.ts';
import { formatDuration } from '../../model/duration.ts';
import { cut, redactText } from '../../model/redact.ts';
import { SchemaProblem } from '../conditions/json-schema.ts';
import { daysLeft } from '../network/certificate.ts';
import { failedRun, traces } from '../network/failure.ts';
import { type Progress, startProgress } from '../network/progress.ts';
import { verdictOf } from '../verdict.ts';
import { type HttpRules, judgeAnswer } from './conditions.ts';
import type { HttpDial } from './dial.ts';
import { bodyExcerpt, headOf } from './evidence.ts';
import { type FollowedAnswer, probeFollowing } from './redirects.ts';
import { createScratch } from './scratch.ts';

/** Of a body that no condition needs, so much is kept as evidence for when the answer is wrong. */
const evidenceBytes = 1024;

export interface HttpCheckOptions {
  readonly info: Omit<CheckInfo, 'target' | 'explanation' | 'kind' | 'component'>;
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Asked at each run; a rejection with SchemaProblem is an `unknown` result. */
  readonly rules: () => HttpRules | Promise<HttpRules>;
  readonly dial: HttpDial;
  /** So many redirects are followed. */
  readonly redirects: number;
  readonly readBody: boolean;
  readonly maxBodyBytes: number;
  /** A condition needs the whole body; otherwise its beginning is kept as evidence. */
  readonly needsBody: boolean;
  readonly clock: Clock;
}

/** Asks one HTTP endpoint over a new connection and judges status, time, body and certificate. */
export function httpCheck(options: HttpCheckOptions): Check {
  const { url, clock } = options;
  const info: CheckInfo = {
    ...options.info,
    kind: 'http',
    component: 'api',
    target: `${url.origin}${url.pathname}`,
    explanation:
      'Asks this endpoint over a new connection, as a new client would, and judges the status, how long the answer took, ' +
      'whether the body came complete, and how long the certificate is valid.',
  };

  async function run(signal: AbortSignal): Promise<CheckOutcome> {
    const progress = startProgress(clock.monotonic);
    // An address needs no lookup: waiting means connecting then.
    if (isIP(url.hostname.replace(/^\[|\]$/g, ''))) progress.stage = 'connect';
    const startedAt = clock.monotonic();
    const scratch = createScratch(options.needsBody ? options.maxBodyBytes : evidenceBytes);
    try {
      const rules = await options.rules();
      const { headers, method, body, dial, readBody, needsBody, maxBodyBytes } = options;
      const request = { url, method, headers, body, dial, readBody, needsBody, maxBodyBytes, scratch, signal };
      const followed = await probeFollowing(request, options.redirects, progress);
      const durationMs = clock.monotonic() - startedAt;
      const conditions = judgeAnswer(rules, { followed, durationMs, now: clock.now() });
      return verdict(followed, conditions, durationMs, progress);
    } catch (error) {
      if (error instanceof SchemaProblem) return { status: 'unknown', reason: error.message, seen: {} };
      return failedRun(error, progress, signal, info.timeoutMs);
    } finally {
      scratch.release();
    }
  }

  function verdict(
    followed: FollowedAnswer,
    conditions: readonly ConditionResult[],
    durationMs: number,
    progress: Progress,
  ): CheckOutcome {
    const okReason = `status ${followed.answer.status} in ${formatDuration(durationMs)}`;
    return verdictOf(conditions, okReason, progress.phases, (status) => ({
      method: options.method,
      ...seenOf(followed, status !== 'ok', clock.now()),
      ...(status === 'ok' ? {} : traces(progress)),
    }));
  }

  return { info, run };
}

/** Headers whose values help and hold no secrets. */
const shownHeaders = ['content-type', 'server', 'retry-after'] as const;

function seenOf(
  { answer, url, redirects }: FollowedAnswer,
  withEvidence: boolean,
  now: number,
): Record<string, unknown> {
  const { certificate, body } = answer;
  const headers = Object.fromEntries(
    shownHeaders
      .filter((name) => answer.headers[name] !== undefined)
      .map((name) => [name, cut(String(answer.headers[name]), 200)]),
  );
  return {
    status_code: answer.status,
    http_version: answer.httpVersion,
    ...(answer.address ? { address: answer.address } : {}),
    ...(Object.keys(headers).length > 0 ? { headers } : {}),
    ...(redirects > 0 ? { redirects, final_url: `${url.origin}${url.pathname}` } : {}),
    ...(answer.headers.location !== undefined ? { location: cut(redactText(answer.headers.location), 200) } : {}),
    body: body.end,
    body_bytes: body.bytes,
    ...(certificate
      ? {
          certificate: {
            subject: certificate.subject,
            issuer: certificate.issuer,
            valid_to_at: certificate.validTo,
            days_left: daysLeft(certificate, now),
            tls_version: certificate.tlsVersion,
          },
        }
      : {}),
    ...(withEvidence ? { head: headOf(answer) } : {}),
    ...(withEvidence && body.kept.length > 0 ? { excerpt: bodyExcerpt(body.kept) } : {}),
  };
}
