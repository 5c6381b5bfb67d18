/**
 * The driver's own client: with its own event classes where the order of events matters, and against a server of ours that speaks MongoDB's
 * wire protocol (no Debian package brings the real one).
 */
import { EventEmitter } from 'node:events';
import {
  CommandFailedEvent,
  CommandStartedEvent,
  CommandSucceededEvent,
  ConnectionCheckedInEvent,
  ConnectionCheckedOutEvent,
  ConnectionCheckOutFailedEvent,
  ConnectionCheckOutStartedEvent,
  ConnectionClosedEvent,
  ConnectionCreatedEvent,
  ConnectionPoolClosedEvent,
  ConnectionPoolCreatedEvent,
  Long,
  MongoClient,
} from 'mongodb';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startFakeMongo } from '../../../../test/services/mongo-fake.ts';
import { current } from '../../context.ts';
import { type Bench, createBench } from '../watch.contract.ts';

let bench: Bench;
let client: MongoClient;
beforeEach(() => {
  bench = createBench();
  client = new MongoClient('mongodb://127.0.0.1:1', { maxPoolSize: 2, monitorCommands: true });
});
afterEach(() => client.close());

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('it did not happen within 10 s');
    await new Promise<void>((resolve) => setTimeout(resolve, 5));
  }
}

const address = '127.0.0.1:1';
const pool = { address, options: { maxPoolSize: 2, minPoolSize: 0 } };
/** An event as the driver makes it; its constructors are internal. */
const make = (kind: unknown, ...given: unknown[]): unknown => Reflect.construct(kind as new () => unknown, given);
const command = (kind: { prototype: object }, fields: object) =>
  Object.assign(Object.create(kind.prototype) as object, { address, connectionId: 5, ...fields });
const emit = (name: string, event: unknown) => EventEmitter.prototype.emit.call(client, name, event);

const ask = () => emit('connectionCheckOutStarted', make(ConnectionCheckOutStartedEvent, pool));
const give = (id: number) => emit('connectionCheckedOut', make(ConnectionCheckedOutEvent, pool, { id }, 0));
const giveBack = (id: number) => emit('connectionCheckedIn', make(ConnectionCheckedInEvent, pool, { id }));

describe('a watched MongoClient', () => {
  test('shows connections in use, idle and waited for, from what it tells of its pools', () => {
    bench.watch(client, { name: 'documents' });
    emit('connectionPoolCreated', make(ConnectionPoolCreatedEvent, pool));
    for (const id of [1, 2]) {
      emit('connectionCreated', make(ConnectionCreatedEvent, pool, { id }));
      ask();
      give(id);
    }
    bench.report();
    ask();
    expect(bench.report()).toMatchObject({
      kind: 'mongodb',
      exhaustions: 1,
      snapshot: {
        used: 2,
        idle: 0,
        waiting: 1,
        max: 2,
        holders: [{ site: expect.stringMatching(/mongodb\.test\.ts:\d+$/) }],
      },
    });
    giveBack(1);
    give(1);
    giveBack(1);
    expect(bench.report().snapshot).toMatchObject({ used: 1, idle: 1, waiting: 0 });
    emit('connectionClosed', make(ConnectionClosedEvent, pool, { id: 2 }, 'error', undefined));
    expect(bench.report().snapshot).toMatchObject({ used: 0, idle: 1 });
    ask();
    emit('connectionCheckOutFailed', make(ConnectionCheckOutFailedEvent, pool, 'timeout', 0, undefined));
    expect(bench.report()).toMatchObject({ errors: 1, timeouts: 1 });
    emit('connectionPoolClosed', make(ConnectionPoolClosedEvent, pool));
    expect(bench.reports()).toMatchObject([{ gone: true }]);
  });

  test('times commands by their shape, with a span, and never with values', () => {
    bench.settings({ slow_query_threshold_ms: 0.001 });
    bench.watch(client, { name: 'documents' });
    const started = (requestId: number, commandName: string, given: object) =>
      emit('commandStarted', command(CommandStartedEvent, { requestId, commandName, command: given }));
    const span = bench.core.beginTrace('GET /', 'server', performance.now()).root;
    current.run(span, () =>
      started(1, 'find', { find: 'users', filter: { email: 'ann@example.com', age: { $gt: 30 } } }),
    );
    emit(
      'commandSucceeded',
      command(CommandSucceededEvent, { requestId: 1, reply: { cursor: { firstBatch: [{}, {}] } } }),
    );
    started(2, 'update', { update: 'users', updates: [{ q: { name: 'ann' }, u: { $set: { age: 31 } } }] });
    emit('commandFailed', command(CommandFailedEvent, { requestId: 2, failure: new Error('no') }));
    const report = bench.report();
    expect(report.statements).toMatchObject([
      { text: 'find users {"email":?,"age":{"$gt":?}}', errors: 0, rows: 2 },
      { text: 'update users {"name":?}', errors: 1 },
    ]);
    expect(report.slow[0]).toMatchObject({ traceId: span.trace.id });
    expect(span.trace.spans).toMatchObject([{ name: 'find users', kind: 'client' }]);
    expect(
      JSON.stringify([report.statements.map(({ text }) => text), report.slow, span.trace.spans?.[0]?.attributes]),
    ).not.toContain('ann');
  });

  test('shows over the wire what its events say: queries, who holds the only connection, who waits, who waited too long', async () => {
    const server = await startFakeMongo();
    const real = new MongoClient(server.url, {
      maxPoolSize: 1,
      waitQueueTimeoutMS: 200,
      monitorCommands: true,
      // A read that failed would be asked again, of a server that does not answer.
      retryReads: false,
    });
    try {
      bench.watch(real, { name: 'documents' });
      const found = {
        ok: 1,
        cursor: { id: Long.ZERO, ns: 'app.users', firstBatch: [{ name: 'ann' }, { name: 'bo' }] },
      };
      server.set({ find: () => found });
      const users = real.db('app').collection('users');
      expect(await users.find({ name: 'ann' }, { projection: { _id: 0 } }).toArray()).toEqual(found.cursor.firstBatch);
      expect(bench.report()).toMatchObject({
        snapshot: { used: 0, idle: 1, max: 1, holders: [] },
        statements: [{ text: 'find users {"name":?}', rows: 2, errors: 0 }],
      });
      // From now on nobody answers.
      server.set({ find: () => undefined });
      const hanging = users.findOne({ name: 'bo' }).catch((error: unknown) => error);
      await until(() => bench.report().snapshot.used === 1);
      const tooLate = users.findOne({ name: 'cy' }).catch((error: unknown) => error);
      await until(() => bench.report().snapshot.waiting === 1);
      expect(bench.report().snapshot.holders).toMatchObject([{ count: 1, statement: 'find users {"name":?}' }]);
      expect(await tooLate).toMatchObject({ name: 'MongoWaitQueueTimeoutError' });
      expect(bench.report()).toMatchObject({ errors: 1, timeouts: 1, snapshot: { waiting: 0 } });
      server.cutAll();
      expect(await hanging).toBeInstanceOf(Error);
    } finally {
      await real.close(true);
      await server.stop();
    }
    expect(bench.reports()).toMatchObject([{ name: 'documents', gone: true }]);
  });

  test('says when its queries cannot be timed, and is as before when nobody watches it any more', async () => {
    const silent = new MongoClient('mongodb://127.0.0.1:1');
    const before = silent.eventNames().length;
    const unwatch = bench.watch(silent, { name: 'silent' });
    expect(bench.warnings).toEqual([expect.stringContaining('monitorCommands: true')]);
    unwatch();
    expect(silent.eventNames().length).toBe(before);
    await silent.close();
  });
});
