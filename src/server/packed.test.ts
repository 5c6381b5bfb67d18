import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { packed } from './packed.ts';

const text = JSON.stringify({ values: new Array(2000).fill(1.5) });

test('packs large answers for browsers far away', async () => {
  const out = await packed(text, { ip: '192.0.2.7', acceptEncoding: 'gzip, deflate, br' });
  expect(out.headers).toMatchObject({ 'content-encoding': 'gzip' });
  expect(gunzipSync(out.body as Uint8Array).toString()).toBe(text);
});

test.each([
  ['a browser that does not take it', text, '192.0.2.7', 'identity'],
  ['a browser that refuses it', text, '192.0.2.7', 'gzip;q=0'],
  ['this machine', text, '127.0.0.1', 'gzip'],
  ['this machine by IPv6', text, '::ffff:127.0.0.1', 'gzip'],
  ['a small answer', '{}', '192.0.2.7', 'gzip'],
])('leaves it as it is for %s', async (_, body, ip, acceptEncoding) => {
  expect((await packed(body, { ip, acceptEncoding })).body).toBe(body);
});
