import { expect, test } from 'vitest';
import { isSecretName, masked, redactText, snapshot } from './redact.ts';

test.each([
  'password',
  'Authorization',
  'x-api-key',
  'apiKey',
  'api_key',
  'client_secret',
  'Set-Cookie',
  'refreshToken',
  'session_id',
  'db_passwd',
  'sid',
])('%s is a secret name', (name) => {
  expect(isSecretName(name)).toBe(true);
});
test.each(['passenger', 'author', 'monkey', 'keyboard', 'tokens_per_second', 'molecule', 'id', 'compass'])(
  '%s is no secret name',
  (name) => {
    expect(isSecretName(name)).toBe(false);
  },
);

test.each([
  ['Authorization: Bearer abcdefgh12345678', 'abcdefgh12345678'],
  ['postgres://app:p4ss-w0rd@db:5432/x', 'p4ss-w0rd'],
  ['password=hunter2&user=x', 'hunter2'],
  ['{"apiKey":"k-123456"}', 'k-123456'],
  ['card 4111-1111-1111-1111 declined', '1111-1111'],
  ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.sig_nature', 'sig_nature'],
  ['-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----', 'MIIabc'],
])('masks the secret in %j', (text, secret) => {
  const out = redactText(text);
  expect(out).toContain(masked);
  expect(out).not.toContain(secret);
});

test.each([
  'order 1234567890123456 shipped',
  'at 1795431770033 ms',
  'https://host/path?x=1',
  'GET /molecules/42',
  'ECONNREFUSED 127.0.0.1:5432',
])('leaves %j as it is', (text) => {
  expect(redactText(text)).toBe(text);
});

test('copies are bounded and free of circles and prototypes', () => {
  const circle: Record<string, unknown> = {
    me: null,
    deep: { deep: { deep: { deep: { deep: { deep: {} } } } } },
    list: Array.from({ length: 1000 }, () => 'x'.repeat(5000)),
  };
  circle['me'] = circle;
  const evil = JSON.parse('{"__proto__": {"polluted": true}}') as object;
  const copy = snapshot({ evil, circle }) as Record<string, Record<string, unknown>>;
  expect(JSON.stringify(copy).length).toBeLessThan(40_000);
  expect(copy['circle']?.['me']).toBe('[circular]');
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  expect(Object.getPrototypeOf(copy['evil'])).toBe(Object.prototype);
});
