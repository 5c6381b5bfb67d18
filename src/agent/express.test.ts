import { once } from 'node:events';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SignalBatch } from '../model/signal.ts';
import { Sketch } from '../model/sketch.ts';
import { attach } from './adapter.ts';
import { defaultAgentSettings } from './agent-settings.ts';
import { collectBatches } from './collect-batches.contract.ts';
import { current } from './context.ts';
import { AgentCore } from './core.ts';
import { RequestWatcher } from './request.ts';

let core: AgentCore;
let batches: SignalBatch[];
let server: Server | undefined;

beforeEach(() => {
  core = new AgentCore();
  core.apply(defaultAgentSettings);
  batches = collectBatches(core);
});

afterEach(async () => {
  await core.close();
  server?.closeAllConnections();
  server?.close();
});

const watch = (app: unknown) => attach(app, new RequestWatcher(core));

async function listen(app: express.Express): Promise<string> {
  server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Operations counted so far, as `name: count/errors`. */
async function operations(): Promise<string[]> {
  // A response is complete for the client a moment before its `close` event.
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  core.flush();
  const totals = new Map<string, [number, number]>();
  for (const one of batches.flatMap((batch) => batch.operations ?? [])) {
    const [count, errors] = totals.get(one.operation) ?? [0, 0];
    totals.set(one.operation, [count + Sketch.decode(one.durations).count, errors + one.errors]);
  }
  return [...totals].map(([name, [count, errors]]) => `${name}: ${count}/${errors}`).sort();
}

const traces = () => batches.flatMap((batch) => batch.traces ?? []);
const errors = () => batches.flatMap((batch) => batch.errors ?? []);

test('names requests by the whole pattern of their route, whatever was mounted where and when', async () => {
  const app = express();
  const before = express.Router();
  before.get('/list', (_req, res) => void res.send('x'));
  app.use('/before', before);
  watch(app);
  const inner = express.Router({ mergeParams: true });
  inner.get('/orders/:order', (_req, res) => void res.send('x'));
  const outer = express.Router();
  outer.use('/users/:user', inner);
  outer.get('/', (_req, res) => void res.send('root'));
  app.use('/api/v1', outer);
  app.get(['/a', '/b'], (_req, res) => void res.send('x'));
  app.get(/^\/regex\d+$/, (_req, res) => void res.send('x'));
  const sub = express();
  sub.get('/item/:id', (_req, res) => void res.send('x'));
  app.use('/sub', sub);
  app.use('/plain', (_req, res) => void res.send('x'));
  const at = await listen(app);
  for (const path of [
    '/before/list',
    '/api/v1/users/42/orders/7?x=1',
    '/api/v1',
    '/a',
    '/regex12',
    '/sub/item/9',
    '/plain/anything',
    '/nothing/here/4711',
  ]) {
    await fetch(at + path);
  }
  expect(await operations()).toEqual(
    [
      'GET (middleware): 1/0',
      'GET (unmatched): 1/0',
      'GET /a|/b: 1/0',
      'GET /api/v1/users/:user/orders/:order: 1/0',
      'GET /api/v1: 1/0',
      'GET /before/list: 1/0',
      'GET /regexp/: 1/0'.replace('/regexp/', '/^\\/regex\\d+$/'),
      'GET /sub/item/:id: 1/0',
    ].sort(),
  );
});

test('gives a router that is mounted twice the pattern of the place that was asked', async () => {
  const app = express();
  watch(app);
  const shared = express.Router();
  shared.get('/:id', (_req, res) => void res.send('x'));
  app.use('/left', shared);
  app.use('/right', shared);
  const at = await listen(app);
  await fetch(`${at}/left/1`);
  await fetch(`${at}/right/1`);
  expect(await operations()).toEqual(['GET /left/:id: 1/0', 'GET /right/:id: 1/0']);
});

test('keeps a hundred thousand distinct addresses out of the labels', async () => {
  const app = express();
  watch(app);
  app.get('/molecules/:id', (_req, res) => void res.send('x'));
  const at = await listen(app);
  for (let i = 0; i < 300; i++) await fetch(`${at}/${i % 2 ? `molecules/${i}` : `random-${i}`}`);
  expect(await operations()).toEqual(['GET (unmatched): 150/0', 'GET /molecules/:id: 150/0']);
});

test("leaves what error handlers answer as it is, and records only what is the app's fault", async () => {
  const app = express();
  watch(app);
  app.get('/throws', () => {
    throw new TypeError('boom');
  });
  app.get('/rejects', async () => {
    throw Object.assign(new Error('async boom'), { code: 'E_ASYNC' });
  });
  const router = express.Router();
  router.get('/deep', (_req, _res, next) => next(new RangeError('deep boom')));
  app.use('/mounted', router);
  app.get('/teapot', (_req, _res, next) => next(Object.assign(new Error('short and stout'), { status: 418 })));
  app.get('/handled', () => {
    throw new Error('known');
  });
  app.use(
    (error: Error & { status?: number }, _req: express.Request, res: express.Response, next: express.NextFunction) => {
      if (error.message === 'known') res.status(409).json({ own: true });
      else if (error.status) res.status(error.status).end();
      else if (error.message === 'boom') res.status(503).send('sorry');
      else next(error);
    },
  );
  app.set('env', 'test');
  const at = await listen(app);
  const statuses = await Promise.all(
    ['/throws', '/rejects', '/mounted/deep', '/teapot', '/handled', '/missing'].map(
      async (path) => (await fetch(at + path)).status,
    ),
  );
  expect(statuses).toEqual([503, 500, 500, 418, 409, 404]);
  expect(await operations()).toEqual([
    'GET (unmatched): 1/0',
    'GET /handled: 1/0',
    'GET /mounted/deep: 1/1',
    'GET /rejects: 1/1',
    'GET /teapot: 1/0',
    'GET /throws: 1/1',
  ]);
  expect(
    errors()
      .map((event) => `${event.type}: ${event.message} in ${String(event.context['operation'])}`)
      .sort(),
  ).toEqual([
    'Error: async boom in GET /rejects',
    'RangeError: deep boom in GET /mounted/deep',
    'TypeError: boom in GET /throws',
  ]);
  expect(errors().find((event) => event.message === 'async boom')).toMatchObject({
    context: { code: 'E_ASYNC' },
    traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
  });
});

test('records an error of the very last layer, which no other layer sees', async () => {
  const app = express();
  watch(app);
  app.set('env', 'test');
  app.get('/last', () => {
    throw new Error('nobody follows');
  });
  const at = await listen(app);
  expect((await fetch(`${at}/last`)).status).toBe(500);
  await operations();
  expect(errors()).toMatchObject([{ message: 'nobody follows', handled: true }]);
});

test('answers with the ids it was given, when they are safe, and with its own otherwise', async () => {
  const app = express();
  watch(app);
  app.get('/', (_req, res) => void res.send('x'));
  const at = await listen(app);
  const given = await fetch(at, { headers: { 'x-correlation-id': 'order-17', 'x-request-id': 'abc_1' } });
  expect(given.headers.get('x-correlation-id')).toBe('order-17');
  expect(given.headers.get('x-request-id')).toBe('abc_1');
  expect(given.headers.get('x-trace-id')).toMatch(/^[0-9a-f]{32}$/);
  expect(given.headers.get('x-span-id')).toMatch(/^[0-9a-f]{16}$/);
  expect(given.headers.get('x-response-time-ms')).toMatch(/^\d+$/);
  for (const bad of ['x'.repeat(65), '<script>', 'a b', '']) {
    const answer = await fetch(at, { headers: { 'x-correlation-id': bad, 'x-request-id': bad } });
    expect(answer.headers.get('x-correlation-id')).toBe(answer.headers.get('x-trace-id'));
    expect(answer.headers.get('x-request-id')).toBe(answer.headers.get('x-trace-id'));
  }
});

test('continues a trace that came with the request', async () => {
  const app = express();
  watch(app);
  app.get('/', (_req, res) => void res.send('x'));
  const at = await listen(app);
  const answer = await fetch(at, {
    headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
  });
  expect(answer.headers.get('x-trace-id')).toBe('0af7651916cd43dd8448eb211c80319c');
  await operations();
  expect(traces()[0]?.spans[0]).toMatchObject({ parentSpanId: 'b7ad6b7169203331', kind: 'server', name: 'GET /' });
});

test('carries the request through awaits and callbacks, and puts operations below it', async () => {
  const app = express();
  watch(app);
  app.use(express.json());
  app.post('/', async (_req, res) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    const slot = core.recorder.slot('inner', 'other');
    const seen = await core.track(slot, 'internal', async () => {
      await null;
      return current.getStore()?.trace.correlationId;
    });
    res.json({ seen });
  });
  const at = await listen(app);
  const answers = await Promise.all(
    ['one', 'two', 'three'].map(async (id) =>
      (
        await fetch(at, {
          method: 'POST',
          body: '{"a":1}',
          headers: { 'content-type': 'application/json', 'x-correlation-id': id },
        })
      ).json(),
    ),
  );
  expect(answers).toEqual([{ seen: 'one' }, { seen: 'two' }, { seen: 'three' }]);
  await operations();
  const [trace] = traces();
  expect(trace?.spans.map((span) => span.name)).toEqual(['POST /', 'inner']);
  expect(trace?.spans[1]?.parentSpanId).toBe(trace?.spans[0]?.spanId);
});

test('counts a request that the caller gave up, and a stream to its end', async () => {
  const app = express();
  watch(app);
  let aborted: (() => void) | undefined;
  app.get('/hangs', (_req, res) => {
    res.write('begin');
    res.on('close', () => aborted?.());
  });
  app.get('/stream', (_req, res) => {
    res.write('a');
    setTimeout(() => res.end('b'), 30);
  });
  const at = await listen(app);
  const gone = new Promise<void>((resolve) => {
    aborted = resolve;
  });
  const request = httpRequest(`${at}/hangs`, (response) => response.once('data', () => request.destroy()));
  request.on('error', () => undefined);
  request.end();
  await gone;
  expect(await (await fetch(`${at}/stream`)).text()).toBe('ab');
  expect(await operations()).toEqual(['GET /hangs: 1/0', 'GET /stream: 1/0']);
  const stream = traces().find((trace) => trace.name === 'GET /stream');
  expect(stream!.durationMs).toBeGreaterThanOrEqual(29);
  expect(traces().find((trace) => trace.name === 'GET /hangs')?.spans[0]?.attributes).toMatchObject({
    'http.aborted': true,
  });
});

test('only counts and times when tracing is off', async () => {
  core.apply({
    ...defaultAgentSettings,
    observability: { ...defaultAgentSettings.observability, tracing_enabled: false },
  });
  const app = express();
  watch(app);
  app.get('/', (_req, res) => void res.send(String(current.getStore())));
  const at = await listen(app);
  const answer = await fetch(at);
  expect(await answer.text()).toBe('undefined');
  expect(answer.headers.has('x-trace-id')).toBe(false);
  expect(await operations()).toEqual(['GET /: 1/0']);
  expect(traces()).toEqual([]);
});

test('uses the configured header names', async () => {
  core.apply({
    ...defaultAgentSettings,
    observability: { ...defaultAgentSettings.observability, correlation_id_header: 'X-Flow', timing_header: 'X-Took' },
  });
  const app = express();
  watch(app);
  app.get('/', (_req, res) => void res.send('x'));
  const at = await listen(app);
  const answer = await fetch(at, { headers: { 'x-flow': 'mine' } });
  expect(answer.headers.get('x-flow')).toBe('mine');
  expect(answer.headers.has('x-took')).toBe(true);
  expect(answer.headers.has('x-correlation-id')).toBe(false);
});

test('attaches once, however often it is asked', async () => {
  const app = express();
  watch(app);
  watch(app);
  app.get('/', (_req, res) => void res.send('x'));
  const at = await listen(app);
  await fetch(at);
  expect(await operations()).toEqual(['GET /: 1/0']);
});
