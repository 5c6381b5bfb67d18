import type { DeliveryResult } from '../model/notification.ts';
import type { Answer } from './http-send.ts';

/** A receiver may ask for patience, but not for ever. */
const longestWaitMs = 24 * 3_600_000;

/**
 * What the answer of an ordinary HTTP receiver means: 2xx is delivered, 401/403/404/410 and other refusals of the request are final,
 * 408, 425, 429, redirects, 5xx and everything without an answer are worth another attempt.
 * `what` is the request in short, without secrets.
 */
export function verdictOf(answer: Answer, what: string, now: number): DeliveryResult {
  if ('failed' in answer) {
    const summary = `${what} -> ${answer.why}`;
    if (answer.failed === 'invalid') return { outcome: 'final', reason: 'invalid', summary };
    return { outcome: 'retry', reason: answer.failed, summary };
  }
  const { status } = answer;
  const summary = `${what} -> ${status}${status < 300 ? '' : quote(answer.body)}`;
  if (status >= 200 && status < 300) return { outcome: 'delivered', summary };
  const retryAfterMs = retryAfter(answer, now);
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (status === 429) return { outcome: 'retry', reason: 'rate-limited', summary, ...wait };
  if (status === 408 || status === 425 || status >= 500)
    return { outcome: 'retry', reason: 'refused', summary, ...wait };
  if (status >= 300 && status < 400)
    return { outcome: 'retry', reason: 'refused', summary: `${summary}${location(answer)}` };
  if (status === 401 || status === 403) return { outcome: 'final', reason: 'auth', summary };
  if (status === 404 || status === 410) return { outcome: 'final', reason: 'gone', summary };
  if (status >= 400) return { outcome: 'final', reason: 'invalid', summary };
  return { outcome: 'retry', reason: 'refused', summary };
}

/** `Retry-After` in ms, as seconds or as a date; undefined when there is none that can be read. */
export function retryAfter(answer: Exclude<Answer, { failed: unknown }>, now: number): number | undefined {
  const header = answer.headers['retry-after'];
  const text = (Array.isArray(header) ? header[0] : header)?.trim();
  if (!text) return undefined;
  const waitMs = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  if (!Number.isFinite(waitMs)) return undefined;
  return Math.min(Math.max(0, waitMs), longestWaitMs);
}

function location(answer: Exclude<Answer, { failed: unknown }>): string {
  const header = answer.headers.location;
  const target = Array.isArray(header) ? header[0] : header;
  if (!target) return ' (redirects are not followed)';
  // Only where it points, not what it carries: addresses of receivers are often secrets.
  const where = URL.canParse(target) ? new URL(target).origin : 'elsewhere';
  return ` (redirects to ${where}; they are not followed, set the final address)`;
}

/** The begin of an error's text, on one line. */
function quote(body: string): string {
  const text = body.replaceAll(/\s+/g, ' ').trim().slice(0, 120);
  return text === '' ? '' : ` "${text}"`;
}
