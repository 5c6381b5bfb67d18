import type { ConditionResult } from '../../model/check.ts';
import { statusWords } from '../expected-status.ts';
import { certificateCondition } from '../network/certificate-condition.ts';
import { timeCondition } from '../verdict.ts';
import type { AnswerRule } from './answer-rules.ts';
import type { FollowedAnswer } from './redirects.ts';

/** What an answer is judged by. */
export interface HttpRules {
  /** Ranges of good status codes; undefined = below 300 is ok, 300 to 499 a warning, else an error. */
  readonly expected: readonly (readonly [number, number])[] | undefined;
  readonly warningMs: number;
  readonly errorMs: number;
  readonly certificateWarningDays: number;
  readonly certificateErrorDays: number | undefined;
  readonly maxBodyBytes: number;
  /** A redirect is what is expected: its status is no warning. */
  readonly expectsRedirect: boolean;
  /** The endpoint's own conditions on headers and body. */
  readonly answer: readonly AnswerRule[];
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
const rules: readonly Rule[] = [
  status,
  redirect,
  body,
  (rules, { durationMs }) => timeCondition(rules, durationMs),
  certificate,
];

/** Judges an answer: one result for each rule that applies. */
export function judgeAnswer(given: HttpRules, seen: HttpSeen): ConditionResult[] {
  const general = rules.map((rule) => rule(given, seen)).filter((result) => result !== undefined);
  return [...general, ...given.answer.flatMap((rule) => rule(seen.followed.answer))];
}

function status({ expected, expectsRedirect }: HttpRules, { followed }: HttpSeen): ConditionResult {
  const code = followed.answer.status;
  const seen = `status ${code}`;
  if (expected) {
    const met = expected.some(([first, last]) => code >= first && code <= last);
    return { condition: `the status is ${statusWords(expected)}`, met, seen, severity: 'error' };
  }
  if (expectsRedirect) {
    return { condition: 'the status is 300-399', met: code >= 300 && code <= 399, seen, severity: 'error' };
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

function certificate(rules: HttpRules, { followed, now }: HttpSeen): ConditionResult | undefined {
  const found = followed.answer.certificate;
  return found && certificateCondition(found, rules, now);
}
