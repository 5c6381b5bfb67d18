import { createHmac } from 'node:crypto';

/**
 * The headers of Standard Webhooks 1.0.0. `id` is the same on every attempt, `at` (epoch ms) is the attempt's.
 * With secrets (`whsec_` + base64, or the base64 alone) the message is signed, once with each of them.
 */
export function standardHeaders(
  id: string,
  at: number,
  body: string,
  ...secrets: readonly string[]
): Record<string, string> {
  const timestamp = String(Math.floor(at / 1000));
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp };
  const signatures = secrets
    .filter((secret) => secret !== '')
    .map((secret) => {
      const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
      return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
    });
  return signatures.length === 0 ? headers : { ...headers, 'webhook-signature': signatures.join(' ') };
}
