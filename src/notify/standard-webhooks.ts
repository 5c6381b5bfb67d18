import { createHmac } from 'node:crypto';

/**
 * The headers of Standard Webhooks 1.0.0. `id` is the same on every attempt, `at` (epoch ms) is the attempt's.
 * With a secret (`whsec_` + base64, or the base64 alone) the message is signed.
 */
export function standardHeaders(
  id: string,
  at: number,
  body: string,
  secret: string | undefined,
): Record<string, string> {
  const timestamp = String(Math.floor(at / 1000));
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp };
  if (secret === undefined || secret === '') return headers;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { ...headers, 'webhook-signature': `v1,${signature}` };
}
