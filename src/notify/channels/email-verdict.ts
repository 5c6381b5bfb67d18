import type { DeliveryResult } from '../../model/notification.ts';
import { cut } from '../words.ts';

interface SmtpError {
  readonly code?: string;
  readonly responseCode?: number;
  readonly message?: string;
}

/**
 * What a failed mail means. The server's number decides where there is one: 4yz is worth another attempt, 5yz is final, and 530, 534,
 * 535 and 538 are about the login. Without a number nobody was reached, or nobody knows: another attempt, with the same Message-ID.
 */
export function smtpVerdict(error: unknown, what: string): DeliveryResult {
  const { code, responseCode, message } = (error ?? {}) as SmtpError;
  const summary = `${what} -> ${cut((message ?? String(error)).replaceAll(/\s+/g, ' '), 200)}`;
  if (responseCode !== undefined && responseCode >= 500) {
    const login = code === 'EAUTH' || [530, 534, 535, 538].includes(responseCode);
    return { outcome: 'final', reason: login ? 'auth' : 'invalid', summary };
  }
  if (responseCode !== undefined && responseCode >= 400) return { outcome: 'retry', reason: 'refused', summary };
  if (code === 'EAUTH') return { outcome: 'final', reason: 'auth', summary };
  if (code === 'ETIMEDOUT') return { outcome: 'retry', reason: 'timeout', summary };
  if (code === 'EENVELOPE' || code === 'EMESSAGE') return { outcome: 'final', reason: 'invalid', summary };
  return { outcome: 'retry', reason: 'unreachable', summary };
}
