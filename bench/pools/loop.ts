/** Runs one variant many times and tells what a query costs in CPU time. Started by `bench/pools.ts`. */
import { EventEmitter } from 'node:events';
import pg from 'pg';
import { defaultAgentSettings } from '../../src/agent/agent-settings.ts';
import { current } from '../../src/agent/context.ts';
import { AgentCore } from '../../src/agent/core.ts';
import { poolsOf } from '../../src/agent/pools/registry.ts';

const [variant = 'bare', url = ''] = process.argv.slice(2);
// Enough that the compiler's own work does not count.
const queries = url === '' ? 60_000 : 24_000;

/** A client that answers from memory, in the way of pg's: callbacks, in a later turn. */
class MemoryClient extends EventEmitter {
  connection = { stream: { destroy: () => undefined } };
  _queryable = true;
  _ending = false;
  isConnected = () => true;
  connect(done: (error?: Error) => void): void {
    process.nextTick(done);
  }
  query(_text: string, _values: unknown, done: (error: null, result: unknown) => void): void {
    process.nextTick(() => done(null, { rows: [{ one: 1 }], rowCount: 1 }));
  }
  end(done: () => void): void {
    done();
  }
}

const pool = new pg.Pool(
  url === ''
    ? { max: 4, Client: MemoryClient as unknown as typeof pg.Client, idleTimeoutMillis: 0 }
    : { max: 4, connectionString: url },
);
const core = new AgentCore();
core.apply(defaultAgentSettings);
core.start({
  send: () => undefined,
  farewell: () => undefined,
  close: () => Promise.resolve(),
  stats: { queued: 0, delivered: 0, takeLost: () => ({}) },
});
if (variant !== 'bare') poolsOf(core).watch(pool, { name: 'main' });
if (variant === 'stacks') {
  // Time runs so fast that no second sees more than its share of stacks: the price of a query while all of them are taken.
  let now = performance.now();
  performance.now = () => {
    now += 1;
    return now;
  };
}

const texts = Array.from(
  { length: 20 },
  (_, index) => `select a, b, c_${index} from molecules where id = $1 and kind = $2`,
);
let at = 0;
const query = () => pool.query(texts[at++ % texts.length]!, [at, 'x']);

/** One after the other, as a request does it. */
async function many(count: number): Promise<void> {
  for (let done = 0; done < count; done += 50) {
    const some = async () => {
      for (let i = 0; i < 50; i++) await (url === '' ? query() : pool.query('select 1 as one'));
    };
    if (variant === 'traced') await current.run(core.beginTrace('GET /', 'server', performance.now()).root, some);
    else await some();
  }
}
await many(queries / 2);
const before = process.cpuUsage();
await many(queries);
const { user, system } = process.cpuUsage(before);
process.send!({ us: (user + system) / queries });
setInterval(() => undefined, 1000);
