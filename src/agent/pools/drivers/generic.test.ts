import { beforeEach, describe, expect, test } from 'vitest';
import { type Bench, createBench } from '../watch.contract.ts';

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});

/** What generic-pool looks like from outside. */
class PromisePool {
  max = 1;
  #free: object[] = [{ id: 1 }];
  #queue: ((resource: object) => void)[] = [];
  get borrowed() {
    return 1 - this.#free.length;
  }
  get available() {
    return this.#free.length;
  }
  get pending() {
    return this.#queue.length;
  }
  acquire(): Promise<object> {
    const free = this.#free.pop();
    return free ? Promise.resolve(free) : new Promise((resolve) => this.#queue.push(resolve));
  }
  async release(resource: object): Promise<void> {
    const next = this.#queue.shift();
    if (next) next(resource);
    else this.#free.push(resource);
  }
}

/** What tarn (knex) looks like from outside. */
class OperationPool {
  max = 2;
  used: object[] = [];
  numUsed() {
    return this.used.length;
  }
  numFree() {
    return this.max - this.used.length;
  }
  numPendingAcquires() {
    return 0;
  }
  acquire() {
    const resource = { number: this.used.length };
    this.used.push(resource);
    return { promise: Promise.resolve(resource), abort: () => undefined };
  }
  release(resource: object) {
    this.used = this.used.filter((one) => one !== resource);
    return true;
  }
}

describe('a pool with acquire and release', () => {
  test('that gives promises is followed', async () => {
    const pool = new PromisePool();
    bench.watch(pool, { name: 'workers' });
    bench.report();
    const first = await pool.acquire();
    const second = pool.acquire();
    expect(bench.report()).toMatchObject({
      kind: 'generic',
      exhaustions: 1,
      snapshot: {
        used: 1,
        idle: 0,
        waiting: 1,
        max: 1,
        holders: [{ site: expect.stringMatching(/generic\.test\.ts/), count: 1 }],
      },
    });
    await pool.release(first);
    expect(await second).toBe(first);
    await pool.release(first);
    expect(bench.report().snapshot).toMatchObject({ used: 0, idle: 1, waiting: 0, holders: [] });
  });

  test('that gives operations with a promise is followed, and rejections stay where they were', async () => {
    const pool = new OperationPool();
    bench.watch(pool);
    const operation = pool.acquire();
    const resource = await operation.promise;
    expect(operation.abort()).toBeUndefined();
    expect(bench.report().snapshot).toMatchObject({ used: 1, idle: 1, holders: [{ count: 1 }] });
    expect(pool.release(resource)).toBe(true);
    expect(bench.report().snapshot).toMatchObject({ used: 0, holders: [] });
    const failing = { acquire: () => Promise.reject(new Error('ResourceRequest timed out')), release: () => undefined };
    bench.watch(failing, { name: 'failing' });
    await expect(failing.acquire()).rejects.toThrow('timed out');
    expect(bench.report('failing')).toMatchObject({ errors: 1, timeouts: 1 });
  });

  test('that calls back or answers at once is followed', () => {
    const pool = {
      acquire: (callback: (error: unknown, resource: object) => void) => callback(null, pool),
      release: (_resource: object) => 'given back',
    };
    bench.watch(pool, { name: 'callbacks' });
    let got: unknown;
    pool.acquire((_error, resource) => {
      got = resource;
    });
    expect(got).toBe(pool);
    expect(bench.report().snapshot.holders).toMatchObject([{ count: 1 }]);
    expect(pool.release(pool)).toBe('given back');
    const sync = { resource: {}, acquire: () => sync.resource, release: () => undefined };
    bench.watch(sync, { name: 'sync' });
    expect(sync.acquire()).toBe(sync.resource);
    expect(bench.report('sync').snapshot.holders).toMatchObject([{ count: 1 }]);
  });

  test('of any kind is shown with the numbers that its owner tells', () => {
    bench.watch({}, { name: 'mine', stats: () => ({ used: 3, idle: 1, waiting: 2, max: 4 }) });
    expect(bench.report('mine')).toMatchObject({ kind: 'custom', snapshot: { used: 3, idle: 1, waiting: 2, max: 4 } });
  });
});

describe('whatever is given', () => {
  const thrower = new Proxy(
    {},
    {
      get: () => {
        throw new Error('no');
      },
    },
  );
  const circle: Record<string, unknown> = { acquire: () => circle, release: () => circle };
  circle['self'] = circle;

  test.each([undefined, null, 7, 'pool', {}, () => undefined, thrower, Object.freeze({}), Symbol('x')])(
    'nothing throws, and what is no pool is said in one line (%#)',
    (given) => {
      expect(() => bench.watch(given)()).not.toThrow();
      expect(bench.warnings).toHaveLength(1);
      expect(bench.reports()).toEqual([]);
    },
  );

  test('options that throw, circles and frozen pools do no harm', () => {
    const options = {
      get name(): string {
        throw new Error('no');
      },
    };
    expect(() => bench.watch(circle, options)).not.toThrow();
    expect((circle as { acquire(): unknown }).acquire()).toBe(circle);
    const frozen = Object.freeze(new PromisePool());
    bench.watch(frozen, { name: 'frozen' });
    expect(bench.report('frozen').snapshot).toMatchObject({ used: 0, idle: 1, max: 1 });
    expect(bench.warnings.at(-1)).toContain('watched in part');
    bench.watch({ acquire: () => 1, release: () => 1 }, { name: 'nan', stats: () => ({ used: Number.NaN, max: -1 }) });
    bench.watch(
      {},
      {
        name: 'throws',
        stats: () => {
          throw new Error('no');
        },
      },
    );
    expect(bench.report('nan').snapshot).toMatchObject({ used: 0, max: null });
    expect(bench.report('throws').snapshot).toMatchObject({ used: 0 });
  });

  test('two pools of the same name are told apart, and a hundred are enough', () => {
    for (let number = 0; number < 105; number++) bench.watch(new PromisePool(), { name: 'same' });
    expect(
      bench
        .reports()
        .slice(0, 3)
        .map(({ name }) => name),
    ).toEqual(['same', 'same 2', 'same 3']);
    expect(bench.reports()).toHaveLength(100);
  });

  test('a pool that others wrap too stays in order when the watch ends', async () => {
    const pool = new PromisePool();
    const unwatch = bench.watch(pool, { name: 'wrapped' });
    const ours = pool.acquire;
    let calls = 0;
    pool.acquire = function (this: PromisePool) {
      calls += 1;
      return ours.call(this);
    };
    unwatch();
    const resource = await pool.acquire();
    await pool.release(resource);
    expect(calls).toBe(1);
    expect(bench.reports()).toMatchObject([{ gone: true }]);
    expect(bench.reports()).toEqual([]);
  });
});
