import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Channel } from '../model/channel.ts';
import type { SignalBatch } from '../model/signal.ts';
import { createHttpChannel } from './http-channel.ts';

let server: Server;
let url: string;
let answer: (body: SignalBatch, request: IncomingMessage, response: ServerResponse) => void;
let received: { body: SignalBatch; request: IncomingMessage }[];
let troubles: (string | undefined)[];
let channel: Channel;
let sequence: number;

beforeEach(async () => {
  received = [];
  troubles = [];
  sequence = 0;
  answer = (_body, _request, response) => response.end('{}');
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      const body = JSON.parse(text) as SignalBatch;
      received.push({ body, request });
      answer(body, request, response);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  await channel.close();
  server.closeAllConnections();
  server.close();
});

const make = (at = url, token?: string) => {
  channel = createHttpChannel({
    url: at,
    ...(token ? { token } : {}),
    onTrouble: (trouble) => void troubles.push(trouble),
  });
  return channel;
};
const batch = (parts: Partial<SignalBatch> = {}): SignalBatch => ({
  version: 1,
  source: { instance: 'a:1:b', service: 's', host: 'a', pid: 1, release: '', startedAt: 0, runtime: '' },
  sequence: sequence++,
  at: 0,
  ...parts,
});
async function until(what: string, look: () => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!look()) {
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test('posts batches in order over one connection, with the token, bytes as base64', async () => {
  make(`${url}/monitoring/`, 'secret');
  const operation = {
    operation: 'x',
    category: 'other' as const,
    errors: 0,
    items: 0,
    bytes: 0,
    durations: new Uint8Array([1, 2, 255]),
  };
  for (let i = 0; i < 20; i++) channel.send(batch({ operations: [operation] }));
  await until('delivery', () => channel.stats.delivered === 20);
  expect(received.map((one) => one.body.sequence)).toEqual(Array.from({ length: 20 }, (_, index) => index));
  expect(received[0]?.request.url).toBe('/monitoring/api/signals');
  expect(received[0]?.request.headers['authorization']).toBe('Bearer secret');
  expect(received[0]?.body.operations?.[0]?.durations).toBe('AQL/');
  expect(new Set(received.map((one) => one.request.socket.remotePort)).size).toBe(1);
});

test('tries again after a server error, and says so once', async () => {
  let failures = 2;
  answer = (_body, _request, response) => {
    response.statusCode = failures-- > 0 ? 503 : 200;
    response.end();
  };
  make().send(batch());
  await until('delivery', () => channel.stats.delivered === 1);
  expect(received.map((one) => one.body.sequence)).toEqual([0, 0, 0]);
  expect(troubles).toEqual([expect.stringContaining('503'), undefined]);
});

test('gives up a batch that is refused, counts it, and goes on', async () => {
  answer = (body, _request, response) => {
    response.statusCode = body.sequence === 0 ? 400 : 202;
    response.end();
  };
  make();
  channel.send(batch());
  channel.send(batch());
  await until('delivery', () => channel.stats.delivered === 1);
  expect(channel.stats.takeLost()).toEqual({ batches: 1 });
});

test('a monitor that is not there costs a bounded buffer and one message', async () => {
  server.close();
  make('http://127.0.0.1:1');
  for (let i = 0; i < 300; i++) channel.send(batch());
  await until('trouble', () => troubles.length > 0);
  expect(channel.stats.queued).toBe(120);
  expect(channel.stats.takeLost()).toEqual({ batches: 180 });
  expect(troubles).toEqual([expect.stringContaining('cannot be reached')]);
});

test('delivers what waits when it is closed', async () => {
  make();
  for (let i = 0; i < 5; i++) channel.send(batch());
  await channel.close();
  expect(received).toHaveLength(5);
});

test('a wrong token is said, and tried again only after a while', async () => {
  answer = (_body, _request, response) => {
    response.statusCode = 401;
    response.end();
  };
  make().send(batch());
  await until('trouble', () => troubles.length > 0);
  expect(troubles[0]).toContain('check the token');
  expect(received).toHaveLength(1);
});
