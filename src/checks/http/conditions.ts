import type { ConditionResult } from '../../model/check.ts';
import { formatDuration } from '../../model/duration.ts';
import { statusWords } from '../expected-status.ts';
import { daysLeft } from './certificate.ts';
import type { FollowedAnswer } from './redirects.ts';

/** What an answer is judged by. */
export interface HttpRules {
  /** Ranges of good status codes; undefined = below 300 is ok, 300 to 499 a warning, else an error. */
  readonly expected: readonly (readonly [number, number])[] | undefined;
  readonly warningMs: number;
  readonly errorMs: number;
  readonly certificateWarningDays: number;
  readonly maxBodyBytes: number;
}

/** What was measured. */
export interface HttpSeen {
  readonly followed: FollowedAnswer;
  readonly durationMs: number;
  /** Epoch ms. */
  readonly now: number;
}

type Rule = (rules: HttpRules, seen: HttpSeen) => ConditionResult | undefined;

/** Every rule that applies to an answer, in the order in which people read them. One more rule is one more line here. */
const rules: readonly Rule[] = [status, redirect, body, slow, certificate];

/** Judges an answer: one result for each rule that applies. */
export function judgeAnswer(given: HttpRules, seen: HttpSeen): ConditionResult[] {
  return rules.map((rule) => rule(given, seen)).filter((result) => result !== undefined);
}

function status({ expected }: HttpRules, { followed }: HttpSeen): ConditionResult {
  const code = followed.answer.status;
  const seen = `status ${code}`;
  if (expected) {
    const met = expected.some(([first, last]) => code >= first && code <= last);
    return { condition: `the status is ${statusWords(expected)}`, met, seen, severity: 'error' };
  }
  return { condition: 'the status is below 300', met: code < 300, seen, severity: code < 500 ? 'warning' : 'error' };
}

function redirect(_: HttpRules, { followed }: HttpSeen): ConditionResult | undefined {
  if (!followed.problem) return undefined;
  return { condition: 'redirects lead somewhere', met: false, seen: followed.problem, severity: 'error' };
}

function body({ maxBodyBytes }: HttpRules, { followed }: HttpSeen): ConditionResult | undefined {
  const { end, bytes } = followed.answer.body;
  if (end === 'complete' || end === 'unread') return undefined;
  const seen =
    end === 'cut'
      ? `the body was cut off after ${bytes} bytes`
      : `the body goes on after ${maxBodyBytes} bytes (max_body_bytes) and its length was not announced`;
  return { condition: 'the body is complete', met: false, seen, severity: 'error' };
}

function slow({ warningMs, errorMs }: HttpRules, { durationMs }: HttpSeen): ConditionResult {
  const limit = durationMs > errorMs ? errorMs : Math.min(warningMs, errorMs);
  return {
    condition: `the answer takes at most ${formatDuration(limit)}`,
    met: durationMs <= limit,
    seen: `answered in ${formatDuration(durationMs)}`,
    severity: durationMs > errorMs ? 'error' : 'warning',
    id: 'response-time',
    levels: { warning: Math.min(warningMs, errorMs), error: errorMs },
  };
}

function certificate({ certificateWarningDays }: HttpRules, { followed, now }: HttpSeen): ConditionResult | undefined {
  const found = followed.answer.certificate;
  if (!found) return undefined;
  const days = daysLeft(found, now);
  return {
    condition: `the certificate is valid for at least ${certificateWarningDays} days`,
    met: days >= certificateWarningDays,
    seen: days < 0 ? `the certificate expired ${-days} days ago` : `the certificate expires in ${days} days`,
    severity: 'warning',
  };
}
