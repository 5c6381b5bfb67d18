import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RawService, startRawServer } from '../../../test/services/http-server.ts';
import { freePort } from '../../../test/services/process.ts';
import { checkContract } from '../check.contract.ts';
import { ask, endpointCheck, endpointProblems } from '../endpoint.contract.ts';

let echo: RawService;
let silent: RawService;
let flood: RawService;
const host = '127.0.0.1';
beforeAll(async () => {
  echo = await startRawServer((socket) => {
    socket.write('220 mail.example ESMTP\r\n');
    socket.on('data', (chunk) => socket.write(`you said ${chunk.toString()}`));
  });
  silent = await startRawServer(() => {});
  flood = await startRawServer((socket) => {
    const more = () => {
      while (socket.writable && socket.write('no '.repeat(10_000)));
    };
    socket.on('drain', more);
    more();
  });
});
afterAll(() => Promise.all([echo, silent, flood].map((one) => one.stop())));

checkContract('tcp', {
  healthy: () => endpointCheck({ type: 'tcp', host, port: echo.port, expect: '220 ' }),
  broken: async () => endpointCheck({ type: 'tcp', host, port: await freePort() }),
  hanging: () => endpointCheck({ type: 'tcp', host, port: silent.port, expect: 'hello', timeout_seconds: 0.4 }),
});

test('a connection alone is enough when nothing is expected', async () => {
  const outcome = await ask({ type: 'tcp', host, port: silent.port });
  expect(outcome).toMatchObject({
    status: 'ok',
    reason: expect.stringMatching(/^connected in /),
    seen: { address: host },
  });
  expect(Object.keys(outcome.phases ?? {})).toEqual(['connect']);
});

test('speaks first when told to, and judges what comes back', async () => {
  expect(
    await ask({ type: 'tcp', host, port: echo.port, send: 'EHLO x\r\n', expect: { contains: 'you said EHLO x' } }),
  ).toMatchObject({
    status: 'ok',
  });
  const wrong = await ask({
    type: 'tcp',
    host,
    port: echo.port,
    send: 'x',
    expect: { matches: '^250' },
    timeout_seconds: 0.4,
  });
  expect(wrong).toMatchObject({
    status: 'error',
    reason: expect.stringMatching(
      /^no complete answer within 400 ms while waiting for the answer, of which \d+ bytes came$/,
    ),
  });
});

test('reads no more than 64 KiB of a peer that goes on for ever', async () => {
  expect(await ask({ type: 'tcp', host, port: flood.port, expect: 'hello' })).toMatchObject({
    status: 'error',
    reason: expect.stringContaining('it said "no no no'),
    seen: { answer_bytes: 65_536 },
  });
});

test('says what its settings lack, and refuses keys of other types', () => {
  expect(endpointProblems({ type: 'tcp' })).toEqual([': needs host', ': needs port']);
  expect(endpointProblems({ type: 'tcp', host: 'http://x', port: 1 })).toEqual([
    'host: expected a name or an IP address, without a scheme or a path',
  ]);
  expect(endpointProblems({ type: 'tcp', host, port: 1, expected_status: 200 })).toEqual([
    'expected_status: belongs to endpoints of type http; this one is tcp',
  ]);
  expect(endpointProblems({ type: 'tcp', host, port: 1, expect: { matches: '(a' } })[0]).toMatch(/^expect/);
  expect(endpointProblems({ type: 'tcp', host, port: 1, ip_version: 6 })).toEqual([
    'ip_version: contradicts 127.0.0.1, which is IPv4',
  ]);
});
