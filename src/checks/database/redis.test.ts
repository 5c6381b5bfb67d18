import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRawServer } from '../../../test/services/http-server.ts';
import { program, type Service } from '../../../test/services/process.ts';
import { startRedis } from '../../../test/services/redis.ts';
import { checkContract } from '../check.contract.ts';
import { makeCheck, runCheck, runOnceAndClose } from './database-check.contract.ts';
import type { StatementUse } from './kind.ts';
import { parseReply, RedisError } from './resp.ts';

let server: Service;
beforeAll(async () => {
  server = await startRedis();
}, 60_000);
afterAll(() => server.stop());

const make = (url: string, query?: string, timeoutMs = 4000) => makeCheck(url, { query, timeoutMs });
const once = runOnceAndClose;

checkContract('redis', {
  healthy: () => make(server.url),
  broken: () => make(server.url.replace('s3cret-pw', 'wrong-pw')),
  hanging: async () => {
    const silent = await startRawServer(() => {});
    const check = make(`redis://:s3cret-pw@127.0.0.1:${silent.port}`, undefined, 500);
    return { ...check, close: () => silent.stop() };
  },
  secrets: ['s3cret-pw', 'wrong-pw'],
});

describe('a Redis server', () => {
  test('is seen with version, role, clients and memory', async () => {
    const outcome = await once(make(server.url.replace('/0', '/3')));
    expect(outcome.seen).toMatchObject({
      server: expect.stringMatching(/^Redis \d/),
      role: 'master',
      connections_used: expect.any(Number),
      memory_used_bytes: expect.any(Number),
    });
    expect(Object.keys(outcome.phases ?? {})).toEqual(['event_loop', 'connect', 'login', 'query', 'facts']);
  });

  test.each([
    ['a wrong password', (url: string) => url.replace('s3cret-pw', 'nope'), undefined, 'login refused (WRONGPASS'],
    [
      'no password',
      (url: string) => url.replace(':s3cret-pw@', ''),
      undefined,
      'login refused: the server wants a password',
    ],
    [
      'a database that is not there',
      (url: string) => url.replace('/0', '/99'),
      undefined,
      'login refused: ERR DB index is out of range',
    ],
    ['a command that is none', (url: string) => url, 'FROBNICATE now', 'the server says: ERR unknown command'],
    ['a port where nobody listens', () => 'redis://127.0.0.1:1', undefined, 'connection refused'],
  ])('%s is an error in words', async (_, url, query, words) => {
    const outcome = await once(make(url(server.url), query));
    expect(outcome).toMatchObject({ status: 'error', reason: expect.stringContaining(words) });
  });

  test('tells slow commands and what commands cost since the last look, never their arguments', async () => {
    const slow = await startRedis({ flags: (_, port) => ['--port', String(port), '--slowlog-log-slower-than', '0'] });
    const check = makeCheck(slow.url);
    await runCheck(check);
    await once(make(slow.url, 'SET customer:secret-name secret-value'));
    const { seen } = await runCheck(check);
    await check.close?.();
    await slow.stop();
    expect(seen['slow_commands']).toContainEqual(expect.objectContaining({ command: 'SET (2 arguments)' }));
    expect((seen['statements'] as { list: StatementUse[] }).list).toContainEqual(
      expect.objectContaining({ statement: 'SET', calls: 1 }),
    );
    expect(JSON.stringify(seen)).not.toMatch(/secret-(name|value)/);
  });

  test('that is a replica without its master is a warning, and an error for whom writing matters', async () => {
    const replica = await startRedis({ flags: (_, port) => ['--port', String(port), '--replicaof', '127.0.0.1', '1'] });
    const [outcome, strict] = [
      await once(make(replica.url)),
      await once(makeCheck(replica.url, { expectWritable: true })),
    ];
    await replica.stop();
    expect(outcome).toMatchObject({ status: 'warning', reason: 'the replica has lost the link to its master' });
    expect(strict).toMatchObject({ status: 'error', seen: { failure: 'read-only' } });
  });

  test('that stops and comes back is seen so', async () => {
    const doomed = await startRedis();
    const check = make(doomed.url, undefined, 400);
    expect((await check.run(AbortSignal.timeout(400))).status).toBe('ok');
    doomed.pause();
    expect(await check.run(AbortSignal.timeout(400))).toMatchObject({ status: 'error', seen: { timed_out: true } });
    doomed.resume();
    expect((await check.run(AbortSignal.timeout(400))).status).toBe('ok');
    await doomed.kill();
    expect((await check.run(AbortSignal.timeout(400))).reason).toContain('connection refused');
    await check.close?.();
    await doomed.stop();
  });

  test('that is nearly full is a warning', async () => {
    const small = await startRedis({ flags: (_, port) => ['--port', String(port), '--maxmemory', '900kb'] });
    const outcome = await once(make(small.url));
    await small.stop();
    expect(outcome).toMatchObject({
      status: 'warning',
      reason: expect.stringContaining('bytes of maxmemory are in use (1'),
    });
  });

  test('behind TLS with a certificate that nobody signed is an error in words', async () => {
    const secure = await startRedis({
      flags: (dir, port) => {
        const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
        const args = [
          'req',
          '-x509',
          '-newkey',
          'rsa:2048',
          '-nodes',
          '-days',
          '5',
          '-subj',
          '/CN=demo',
          '-keyout',
          key,
          '-out',
          cert,
        ];
        execFileSync(program('openssl', '/usr/bin/openssl'), args, { stdio: 'ignore' });
        return [
          '--port',
          '0',
          '--tls-port',
          String(port),
          '--tls-cert-file',
          cert,
          '--tls-key-file',
          key,
          '--tls-auth-clients',
          'no',
        ];
      },
    });
    const outcome = await once(make(secure.url.replace('redis:', 'rediss:')));
    await secure.stop();
    expect(outcome).toMatchObject({ status: 'error', reason: 'the certificate is self-signed' });
  });

  test('that speaks another language is an error in words', async () => {
    const raw = await startRawServer((socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect((await once(make(`redis://127.0.0.1:${raw.port}`))).reason).toBe(
      'the other side does not speak Redis’s protocol',
    );
    await raw.stop();
  });
});

test('replies are understood only when they have come whole', () => {
  const whole = '*4\r\n$5\r\nhello\r\n:42\r\n$-1\r\n-ERR no\r\n';
  for (let length = 0; length < whole.length; length++) expect(parseReply(whole.slice(0, length), 0)).toBeUndefined();
  expect(parseReply(`${whole}+PONG\r\n`, 0)).toEqual({
    value: ['hello', 42, null, new RedisError('ERR no')],
    end: whole.length,
  });
  expect(() => parseReply('HTTP/1.1', 0)).toThrow('does not speak');
  expect(() => parseReply('$-7\r\n', 0)).toThrow('does not speak');
});
