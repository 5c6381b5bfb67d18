import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakeMonitor, startServer } from './running-server.contract.ts';

let dir: string;
let monitor: FakeMonitor;
const script = `console.log(${JSON.stringify('x'.repeat(2000))})`;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'assets-'));
  await mkdir(join(dir, 'assets'));
  await writeFile(join(dir, 'index.html'), '<!doctype html><title>dashboard</title>');
  await writeFile(join(dir, 'assets', 'main-Bx7dK2_q.js'), script);
  await writeFile(join(dir, 'assets', 'main-Bx7dK2_q.js.map'), '{}');
  monitor = await startServer({ assetsDir: dir });
  await writeFile(join(dir, 'late.txt'), 'written after the start');
});
afterAll(async () => {
  await monitor.server.stop();
  await rm(dir, { recursive: true });
});

const ask = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${monitor.url}${path}`, { headers, redirect: 'manual' });

describe('the dashboard', () => {
  test.each([
    '/monitoring',
    '/monitoring/',
    '/monitoring/alerts',
    '/monitoring/alerts/01h',
    '/monitoring/endpoints?check=api%3A%2Fhealth',
  ])('%s is its page', async (path) => {
    const answer = await ask(path);
    expect(await answer.text()).toContain('<title>dashboard</title>');
    expect(answer.headers.get('cache-control')).toBe('no-cache');
  });

  test('/ leads there', async () => {
    const answer = await ask('/');
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/monitoring']);
  });

  test('files whose names hold a hash are kept for ever, compressed as the browser likes', async () => {
    const { request } = await import('node:http');
    const fetched = (encoding: string) =>
      new Promise<{ encoding: unknown; body: Buffer; cache: unknown }>((resolve) => {
        request(
          `${monitor.url}/monitoring/assets/main-Bx7dK2_q.js`,
          { headers: { 'accept-encoding': encoding }, agent: false },
          (answer) => {
            const chunks: Buffer[] = [];
            answer.on('data', (chunk: Buffer) => chunks.push(chunk));
            answer.on('end', () =>
              resolve({
                encoding: answer.headers['content-encoding'],
                body: Buffer.concat(chunks),
                cache: answer.headers['cache-control'],
              }),
            );
          },
        ).end();
      });
    const br = await fetched('gzip, deflate, br');
    expect([br.encoding, br.cache]).toEqual(['br', 'public, max-age=31536000, immutable']);
    expect(brotliDecompressSync(br.body).toString()).toBe(script);
    expect(br.body.length).toBeLessThan(100);
    expect(gunzipSync((await fetched('gzip;q=0.5, br;q=0')).body).toString()).toBe(script);
    expect((await fetched('identity')).body.toString()).toBe(script);
  });

  test('what the browser has is not sent again', async () => {
    const first = await ask('/monitoring');
    const again = await ask('/monitoring', { 'if-none-match': first.headers.get('etag')! });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });

  test.each([
    '/monitoring/assets/main-Bx7dK2_q.js.map',
    '/monitoring/assets/../../secret.json',
    '/monitoring/late.txt/x.js',
    '/monitoring/%2e%2e%2fpackage.json',
  ])('%s is not there', async (path) => {
    expect((await ask(path)).status).toBe(404);
  });

  test('without a build says how to build it', async () => {
    const bare = await startServer({ assetsDir: join(dir, 'nothing') });
    const answer = await fetch(`${bare.url}/monitoring/alerts`);
    expect(await answer.text()).toContain('npm run build');
    await bare.server.stop();
  });
});
