import { isIP } from 'node:net';
import type { Check, CheckInfo, CheckOutcome, ConditionResult } from '../../model/check.ts';
import type { Clock } from '../../model/clock.ts';
import { formatDuration } from '../../model/duration.ts';
import { cut, redactText } from '../../model/redact.ts';
import { networkFailure } from '../network-words.ts';
import { daysLeft } from './certificate.ts';
import { type HttpRules, judgeAnswer } from './conditions.ts';
import { type FollowedAnswer, probeFollowing } from './redirects.ts';
import { type ProbeProgress, startProgress } from './request.ts';

export interface HttpCheckOptions {
  readonly info: Omit<CheckInfo, 'target' | 'explanation' | 'kind' | 'component'>;
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly rules: HttpRules;
  readonly followRedirects: boolean;
  readonly verifyTls: boolean;
  readonly readBody: boolean;
  readonly clock: Clock;
}

/** So much of a body is kept as evidence for when the answer is wrong. */
const evidenceBytes = 1024;

/** Asks one HTTP endpoint over a new connection and judges status, time, body and certificate. */
export function httpCheck(options: HttpCheckOptions): Check {
  const { url, clock, rules } = options;
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
    const progress = startProgress();
    // An address needs no lookup: waiting means connecting then.
    if (isIP(url.hostname.replace(/^\[|\]$/g, ''))) progress.stage = 'connect';
    const startedAt = clock.monotonic();
    try {
      const { headers, method, body, verifyTls, readBody } = options;
      const followed = await probeFollowing(
        {
          url,
          method,
          headers,
          body,
          verifyTls,
          readBody,
          maxBodyBytes: rules.maxBodyBytes,
          keepBytes: evidenceBytes,
          signal,
          monotonic: clock.monotonic,
        },
        options.followRedirects,
        progress,
      );
      const durationMs = clock.monotonic() - startedAt;
      const conditions = judgeAnswer(rules, { followed, durationMs, now: clock.now() });
      return verdict(followed, conditions, durationMs, progress);
    } catch (error) {
      return signal.aborted ? timedOut(progress) : failed(error, progress);
    }
  }

  function verdict(
    followed: FollowedAnswer,
    conditions: readonly ConditionResult[],
    durationMs: number,
    progress: ProbeProgress,
  ): CheckOutcome {
    const unmet = conditions.filter((one) => !one.met);
    const status = unmet.some((one) => one.severity === 'error') ? 'error' : unmet.length > 0 ? 'warning' : 'ok';
    const reason =
      unmet.length > 0
        ? unmet.map((one) => `${one.seen} (${one.condition})`).join('; ')
        : `status ${followed.answer.status} in ${formatDuration(durationMs)}`;
    return {
      status,
      reason,
      seen: seenOf(followed, status !== 'ok', clock.now()),
      conditions,
      phases: progress.phases,
    };
  }

  function timedOut(progress: ProbeProgress): CheckOutcome {
    const waiting: Record<ProbeProgress['stage'], string> = {
      dns: 'looking up the name',
      connect: 'connecting',
      tls: 'waiting for the TLS handshake',
      first_byte: 'waiting for the first byte of the answer',
      body: `reading the body, of which ${progress.bytes} bytes came`,
    };
    return {
      status: 'error',
      reason: `no complete answer within ${formatDuration(info.timeoutMs)} while ${waiting[progress.stage]}`,
      seen: { timed_out: true, stage: progress.stage, ...(progress.bytes > 0 ? { bytes: progress.bytes } : {}) },
      phases: progress.phases,
    };
  }

  return { info, run };
}

function failed(error: unknown, progress: ProbeProgress): CheckOutcome {
  const failure = networkFailure(error);
  const before = failure.code === 'ECONNRESET' && progress.stage === 'first_byte' ? ' before it answered' : '';
  return {
    status: 'error',
    reason: `${failure.reason}${before}`,
    seen: { stage: progress.stage, ...(failure.code ? { code: failure.code } : {}) },
    phases: progress.phases,
    ...(failure.inconclusive ? { inconclusive: true } : {}),
  };
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
    ...(withEvidence && body.kept.length > 0 ? { excerpt: excerpt(body.kept) } : {}),
  };
}

/** The beginning of a body for people: text only, secrets masked. */
function excerpt(kept: Buffer): string {
  const text = kept.toString('utf8');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what makes a body binary
  return /[\u0000-\u0008\u000e-\u001f]/.test(text) ? '[binary data]' : cut(redactText(text), 500);
}
