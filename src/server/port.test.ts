import { spawn } from 'node:child_process';
import { createServer as createPlainServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { isMonitorError, type MonitorError } from '../model/problem.ts';
import { listeningInodes } from './port-owner.ts';
import { startServer } from './running-server.contract.ts';

async function refusal(port: number): Promise<MonitorError> {
  const outcome = await startServer({ port }).catch((error: unknown) => error);
  if (!isMonitorError(outcome)) throw new Error('it started');
  return outcome;
}

test('a port taken by another monitor is said to be ours, with its process', async () => {
  const first = await startServer();
  const port = Number(new URL(first.url).port);
  const error = await refusal(port);
  expect(error.code).toBe('port-taken');
  expect(error.message).toBe(
    `Port ${port} on 127.0.0.1 is in use by this very process (pid ${process.pid}), which is another CryoProtect monitor.`,
  );
  expect(error.hint).toContain('--dashboard-port');
  await first.server.stop();
});

test('a port taken by something else names the program, without its arguments', async () => {
  const code =
    "const s=require('node:http').createServer((q,r)=>r.end('hi')).listen(0,'127.0.0.1',()=>console.log(s.address().port))";
  const other = spawn(process.execPath, ['-e', code, 'argument', '--password=hunter2'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const port = await new Promise<number>((resolve) =>
    other.stdout.once('data', (line: Buffer) => resolve(Number(line))),
  );
  const error = await refusal(port);
  expect(error.message).toContain(`process ${other.pid} (`);
  expect(error.message).toContain('node');
  expect(error.message).not.toContain('another CryoProtect');
  expect(error.message).not.toContain('hunter2');
  expect(error.hint).toMatch(/^Stop that program/);
  other.kill();
});

test('a taken Prometheus port is named by its own setting', async () => {
  const plain = createPlainServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => plain.once('listening', resolve));
  const { port } = plain.address() as AddressInfo;
  const error = await startServer({ prometheus: { enabled: true, port } }).catch((cause: unknown) => cause);
  expect(isMonitorError(error) && error.hint).toContain('prometheus.port');
  plain.close();
});

test('an address that is not ours is a mistake of the configuration', async () => {
  const error = await startServer({
    settings: { host: '192.0.2.1', auth: { tokens: [{ name: 'ci', token: 'a-long-enough-token' }] } },
  }).catch((cause: unknown) => cause);
  expect(isMonitorError(error) && error.code).toBe('configuration-invalid');
  expect(isMonitorError(error) && error.message).toContain('192.0.2.1');
});

test('listening sockets are read from the kernel table', () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1389 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 777 1 0 100 0 0 10 0
   1: 0100007F:1389 0100007F:9999 01 00000000:00000000 00:00000000 00000000  1000        0 778 1 0 100 0 0 10 0
   2: 0100007F:138A 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 779 1 0 100 0 0 10 0`;
  expect(listeningInodes(table, 5001)).toEqual(['777']);
});
