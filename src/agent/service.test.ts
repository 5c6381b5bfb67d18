import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SignalBatch } from '../model/signal.ts';
import { Sketch } from '../model/sketch.ts';
import { defaultAgentSettings } from './agent-settings.ts';
import { collectBatches } from './collect-batches.contract.ts';
import { AgentCore } from './core.ts';
import { tracker } from './decorators.ts';
import { MonitoringService } from './service.ts';

const monitor = MonitoringService.getInstance();
let batches: SignalBatch[];
let dir: string;

beforeEach(() => {
  const core = new AgentCore();
  core.apply(defaultAgentSettings);
  core.warn = () => undefined;
  monitor.internals.core = core;
  batches = collectBatches(core);
  dir = mkdtempSync(join(tmpdir(), 'agent-'));
});
afterEach(async () => {
  await monitor.internals.core.close();
  rmSync(dir, { recursive: true, force: true });
});

const flushed = <K extends keyof SignalBatch>(key: K): NonNullable<SignalBatch[K]> => {
  monitor.flush();
  return batches.flatMap((batch) => (batch[key] as unknown[] | undefined) ?? []) as unknown as NonNullable<
    SignalBatch[K]
  >;
};
const operations = () =>
  flushed('operations').map((one) => ({
    ...one,
    count: Sketch.decode(one.durations).count,
    max: Sketch.decode(one.durations).max,
  }));

describe('trackOperation', () => {
  test('returns what the function returns and times a promise to its settlement', async () => {
    expect(monitor.trackOperation('sync', () => 42)).toBe(42);
    const result = monitor.trackOperation(
      'async',
      () => new Promise<string>((resolve) => setTimeout(() => resolve('late'), 30)),
    );
    expect(await result).toBe('late');
    expect(operations()).toMatchObject([
      { operation: 'sync', category: 'other', count: 1, errors: 0 },
      { operation: 'async', count: 1, errors: 0 },
    ]);
    expect(operations()[1]!.max).toBeGreaterThan(0.028);
  });

  test.each([new Error('x'), 'text', undefined, null, Object.create(null), Object.freeze(new Error('frozen'))])(
    'throws on exactly what was thrown (%#)',
    async (thrown) => {
      let seen: unknown = 'nothing';
      try {
        monitor.trackOperation('throws', () => {
          throw thrown;
        });
      } catch (error) {
        seen = error;
      }
      expect(seen).toBe(thrown);
      await expect(monitor.trackOperation('rejects', () => Promise.reject(thrown))).rejects.toBe(thrown);
      expect(operations().map((one) => one.errors)).toEqual([1, 1]);
    },
  );

  test('records an error once, however many trackers it passes', () => {
    const error = new RangeError('deep');
    expect(() =>
      monitor.trackOperation('outer', () =>
        monitor.trackOperation('inner', () => {
          throw error;
        }),
      ),
    ).toThrow(error);
    expect(flushed('errors')).toMatchObject([
      { type: 'RangeError', message: 'deep', context: { operation: 'inner' }, count: 1 },
    ]);
  });

  test('never runs a lazy query, and measures it when somebody does', async () => {
    let runs = 0;
    const query = {
      // biome-ignore lint/suspicious/noThenProperty: this is what query builders look like.
      then(done: (value: string) => void) {
        runs += 1;
        setTimeout(() => done('rows'), 5);
      },
    };
    const got = monitor.trackOperation('db_lazy', () => query);
    expect(got).toBe(query);
    expect(runs).toBe(0);
    expect(await got).toBe('rows');
    expect(runs).toBe(1);
    expect(operations()).toMatchObject([{ operation: 'db_lazy', category: 'database', count: 1 }]);
  });

  test('a block with using is timed, and fails when it says so', () => {
    {
      using operation = monitor.trackOperation({ name: 'block', itemsCount: 3 });
      operation.items(2);
      operation.fail(new Error('no'));
    }
    expect(operations()).toMatchObject([{ operation: 'block', items: 5, errors: 1, count: 1 }]);
  });

  test('keeps going without tracing and when it is disabled', () => {
    monitor.internals.core.disable();
    expect(monitor.trackOperation('x', () => 1)).toBe(1);
    expect(() => monitor.recordError('x', 'y')).not.toThrow();
  });
});

describe('decorators', () => {
  const core = () => monitor.internals.core;
  class Molecules {
    readonly factor = 2;
    @tracker({ prefix: 'db_', category: 'database', itemsCount: 3, core })
    async find(id: number): Promise<number> {
      return id * this.factor;
    }
    legacy(this: Molecules, x: number): number {
      return x * this.factor;
    }
  }

  test('standard, legacy and wrapper form keep this, arguments and results', async () => {
    const descriptor = Object.getOwnPropertyDescriptor(Molecules.prototype, 'legacy')!;
    const legacy = tracker({ name: 'legacy.op', core })(Molecules.prototype, 'legacy', descriptor);
    Object.defineProperty(Molecules.prototype, 'legacy', legacy!);
    const wrapped = tracker({ prefix: 'api_', category: 'api', core })(function double(x: number) {
      return x * 2;
    });
    const molecules = new Molecules();
    expect([await molecules.find(21), molecules.legacy(4), wrapped(5), wrapped.name]).toEqual([42, 8, 10, 'double']);
    expect(operations().map((one) => [one.operation, one.category, one.items])).toEqual([
      ['api_double', 'api', 0],
      ['db_Molecules.find', 'database', 3],
      ['legacy.op', 'other', 0],
    ]);
  });
});

describe('recordError', () => {
  test('keeps the chain of causes and the members of an AggregateError', () => {
    const error = new AggregateError([new TypeError('one'), new Error('two', { cause: 'three' })], 'both');
    monitor.recordError('import_error', error, undefined, { row: 7 });
    expect(flushed('errors')[0]).toMatchObject({ type: 'import_error', message: 'both', context: { row: 7 } });
    expect(flushed('errors')[0]!.causes!.map((cause) => cause.message)).toEqual(['one', 'two', 'three']);
  });

  test('survives everything that can be thrown at it', () => {
    const circular: Record<string, unknown> = { password: 'hunter2' };
    circular['self'] = circular;
    const throwing = {
      get name(): string {
        throw new Error('getter');
      },
      get message(): string {
        throw new Error('getter');
      },
      get stack(): string {
        throw new Error('getter');
      },
      get code(): string {
        throw new Error('getter');
      },
    };
    const liar = new Proxy(
      {},
      {
        get() {
          throw new Error('proxy');
        },
        ownKeys() {
          throw new Error('proxy');
        },
        getPrototypeOf() {
          throw new Error('proxy');
        },
      },
    );
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    const huge = 'x'.repeat(100_000_000);
    for (const nasty of [
      circular,
      throwing,
      liar,
      revoked.proxy,
      huge,
      Symbol('s'),
      1n,
      () => 1,
      null,
      undefined,
      Object.freeze([]),
      new Map([[circular, circular]]),
      Object.create(null),
    ]) {
      expect(() => {
        monitor.recordError('type', nasty as never, undefined, nasty);
        monitor.recordError(nasty as never, 'm', nasty as never, { nasty });
        monitor.raiseAlert(typeof nasty === 'symbol' ? 'x' : 'y', 'm', {
          context: nasty as never,
          labels: nasty as never,
        });
        monitor
          .trackProgress('job', { totalItems: nasty as never })
          .update({ itemsProcessed: nasty as never, message: 'm' });
        monitor.trackOperation(nasty as never);
        monitor.counter('c', nasty as never, nasty as never);
        monitor.silenceAlert('t', nasty as never);
        monitor.addAlertHandler(nasty as never);
        monitor.removeAlertHandler(nasty as never);
      }).not.toThrow();
    }
    monitor.flush();
    const text = JSON.stringify(batches);
    expect(text.length).toBeLessThan(2_000_000);
    expect(text).not.toContain('hunter2');
  });

  test('a flood costs a bounded batch and is counted', () => {
    for (let i = 0; i < 50_000; i++) monitor.recordError('flood', `message ${i % 200}`);
    const errors = flushed('errors');
    expect(errors).toHaveLength(100);
    expect(errors.reduce((sum, one) => sum + one.count, 0)).toBe(25_000);
    expect(batches.reduce((sum, batch) => sum + (batch.dropped?.['errors'] ?? 0), 0)).toBe(25_000);
  });
});

test('a handler that throws or rejects hurts nobody', async () => {
  const got: unknown[] = [];
  const handlers = [
    () => {
      throw new Error('no');
    },
    () => Promise.reject(new Error('no')),
    (alert: unknown) => got.push(alert),
  ];
  for (const handler of handlers) expect(monitor.addAlertHandler(handler)).toBe(true);
  expect(await monitor.obey({ id: 1, kind: 'alert', alert: { alert_type: 'x' } })).toBe(1);
  expect(got).toEqual([{ alert_type: 'x' }]);
  for (const handler of handlers) monitor.removeAlertHandler(handler);
});

test('orders and metrics travel with the next batch', () => {
  monitor.silenceAlert('high_cpu_usage', 60);
  monitor.unsilenceAlert('high_cpu_usage');
  monitor.raiseAlert('backup_stale', 'old', { source: 'backup', severity: 'warning' });
  monitor.resolveAlert('backup_stale', 'backup');
  monitor.counter('mails_total', 2, { kind: 'welcome' });
  monitor.counter('mails_total', 3, { kind: 'welcome' });
  monitor.gauge('queue', 7);
  monitor.histogram('size', 12);
  expect(flushed('silences')).toEqual([{ alertType: 'high_cpu_usage', durationSeconds: 60 }]);
  expect(flushed('unsilences')).toEqual([{ alertType: 'high_cpu_usage' }]);
  expect(flushed('alerts')).toMatchObject([{ alertType: 'backup_stale', severity: 'warning', source: 'backup' }]);
  expect(flushed('metrics')).toMatchObject([
    { kind: 'counter', value: 5, labels: { kind: 'welcome' } },
    { kind: 'gauge', value: 7 },
    { kind: 'histogram', name: 'size' },
  ]);
});

test('alerts by hand are one object, and end by type, source or labels', () => {
  monitor.alert({
    type: 'backup_stale',
    message: 'old',
    severity: 'critical',
    source: 'backup',
    labels: { disk: 'a' },
    context: { hours: 26, password: 'hunter2' },
  });
  monitor.alert(undefined as never);
  monitor.resolveAlert('backup_stale', { source: 'backup', labels: { disk: 'a' } });
  monitor.resolveAlert('backup_stale', 'backup');
  monitor.resolveAlert('backup_stale');
  expect(flushed('alerts')[0]).toMatchObject({
    alertType: 'backup_stale',
    message: 'old',
    severity: 'critical',
    source: 'backup',
    labels: { disk: 'a' },
    context: { hours: 26 },
  });
  expect(JSON.stringify(batches)).not.toContain('hunter2');
  expect(flushed('resolvedAlerts')).toEqual([
    { alertType: 'backup_stale', source: 'backup', labels: { disk: 'a' } },
    { alertType: 'backup_stale', source: 'backup' },
    { alertType: 'backup_stale' },
  ]);
});

describe('jobs', () => {
  test('add up what was done, estimate the rest, and end by themselves', () => {
    const job = monitor.trackProgress('import', 100);
    job.update({ itemsProcessed: 10, failed: 1, batchSize: 10 });
    expect(job.update({ itemsProcessed: 40, successful: 38, skipped: 2 })).toMatchObject({
      processedItems: 50,
      successfulItems: 47,
      failedItems: 1,
      skippedItems: 2,
      ratio: 0.5,
      state: 'running',
    });
    expect(job.update({ itemsProcessed: 50 }).state).toBe('done');
    expect(job.update({ itemsProcessed: 50 }).processedItems).toBe(100);
    expect(flushed('progress').at(-1)).toMatchObject({ name: 'import', state: 'done', processedItems: 100 });
  });

  test('a checkpoint is on the disk when it says so, and the next run goes on after it', async () => {
    const file = join(dir, 'deep', 'import.json');
    const first = monitor.trackProgress('import', { totalItems: 1000, checkpointFile: file });
    await Promise.all(
      Array.from({ length: 20 }, () => first.update({ itemsProcessed: 10, cursor: { last: 'cid-7' } }).saved),
    );
    expect(await first.update({ itemsProcessed: 5 }).saved).toBe(true);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      position: 205,
      processed: 205,
      successful: 205,
      failed: 0,
      last_batch: 21,
      total: 1000,
      cursor: { last: 'cid-7' },
    });
    expect(JSON.parse(readFileSync(`${file}.bak`, 'utf8')).processed).toBeLessThan(205);
    const second = monitor.trackProgress('import', { totalItems: 1000, checkpointFile: file });
    expect([second.restoredItems, second.cursor]).toEqual([205, { last: 'cid-7' }]);
    expect(second.status().itemsPerSecond).toBeNull();
    await second.done().saved;
    expect(monitor.trackProgress('import', { totalItems: 1000, checkpointFile: file }).restoredItems).toBe(0);
  });

  test('reads the checkpoints of the predecessor, and the copy when one is damaged', () => {
    const file = join(dir, 'old.json');
    writeFileSync(
      file,
      JSON.stringify({ position: 620, processed: 620, last_updated: '2025-05-20T10:00:00', last_batch: 6 }),
    );
    expect(monitor.trackProgress('old', { totalItems: 1000, checkpointFile: file }).status()).toMatchObject({
      processedItems: 620,
      restoredItems: 620,
      successfulItems: 620,
    });
    writeFileSync(`${file}.bak`, readFileSync(file));
    writeFileSync(file, '{"processed": 62');
    expect(monitor.trackProgress('old', { totalItems: 1000, checkpointFile: file }).restoredItems).toBe(620);
    rmSync(`${file}.bak`);
    expect(monitor.trackProgress('old', { totalItems: 1000, checkpointFile: file }).restoredItems).toBe(0);
  });

  test('a checkpoint that cannot be written says so and costs nothing else', async () => {
    writeFileSync(join(dir, 'file'), '');
    const job = monitor.trackProgress('import', { totalItems: 10, checkpointFile: join(dir, 'file', 'x.json') });
    expect(await job.update({ itemsProcessed: 1 }).saved).toBe(false);
  });
});
