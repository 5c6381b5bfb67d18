/** Every pool that is watched in this process: which driver knows it, under which name, and what it says in each batch. */
import type { PoolReport } from '../../model/pool.ts';
import type { AgentCore } from '../core.ts';
import { plain, rescue, textOf } from '../rescue.ts';
import type { Attached, PoolDriver } from './driver.ts';
import { statsDriver } from './drivers/stats.ts';
import { drivers } from './drivers.ts';
import { type PoolCounts, PoolWatch } from './pool-watch.ts';

/** More pools than anybody has; a leak in the app must not become one here. */
const mostPools = 100;

/** How a pool is watched. */
export interface WatchPoolOptions {
  /** Name shown to people; equal to a connection's name in the configuration, it is part of that check's evidence. @default the driver's name */
  readonly name?: string;
  /** Most connections there can be, for pools that do not tell (redis). */
  readonly max?: number;
  /** For pools of no kind known here: tells its numbers, asked once a second. */
  readonly stats?: () => PoolCounts;
}

interface Watched {
  readonly pool: object;
  readonly watch: PoolWatch;
  readonly attached: Attached;
}

export class PoolRegistry {
  readonly #core: AgentCore;
  readonly #watched = new Map<object, Watched>();
  #farewells: PoolReport[] = [];

  constructor(core: AgentCore) {
    this.#core = core;
    core.parts.push(() => this.#report());
  }

  /** Watches a pool; the same one again changes nothing. Returns what ends the watch. */
  watch(given: unknown, options: WatchPoolOptions = {}): () => void {
    const { name, stats, max } = plain(options);
    if ((typeof given !== 'object' && typeof given !== 'function') || given === null)
      return this.#refuse(name, 'it is no object');
    const driver =
      typeof stats === 'function'
        ? statsDriver(stats)
        : drivers.find((one) => rescue(() => one.recognises(given), false));
    if (!driver)
      return this.#refuse(
        name,
        'it is of no kind known here (pg, mysql2, ioredis, redis, mongodb, acquire/release); give { stats }',
      );
    const pool = rescue(() => driver.inner?.(given) ?? given, given);
    const known = this.#watched.get(pool);
    if (known) return () => this.#end(pool, known);
    if (this.#watched.size >= mostPools) return this.#refuse(name, `${mostPools} pools are watched already`);
    return this.#begin(driver, pool, this.#freeName(name === undefined ? driver.kind : textOf(name, 80)), max);
  }

  #begin(driver: PoolDriver, pool: object, name: string, max: unknown): () => void {
    const most = typeof max === 'number' && max > 0 ? max : undefined;
    const watch = new PoolWatch(this.#core, name, driver.kind, driver.language, most);
    const attached = rescue<Attached | undefined>(() => driver.attach(pool, watch), undefined);
    if (!attached) return this.#refuse(name, 'it cannot be watched');
    if (attached.missing) this.#core.warn(`pool "${name}" is watched in part: ${attached.missing}`);
    const entry: Watched = { pool, watch, attached };
    this.#watched.set(pool, entry);
    return () => this.#end(pool, entry);
  }

  #end(pool: object, entry: Watched): void {
    if (this.#watched.get(pool) !== entry) return;
    this.#watched.delete(pool);
    rescue(() => entry.attached.detach(), undefined);
    this.#farewells.push(entry.watch.take(true));
    entry.watch.stop();
  }

  #report(): { pools?: readonly PoolReport[] } {
    for (const [pool, entry] of this.#watched) if (rescue(() => entry.attached.ended(), false)) this.#end(pool, entry);
    const farewells = this.#farewells;
    this.#farewells = [];
    const pools = [
      ...farewells,
      ...[...this.#watched.values()].flatMap(({ watch }) => (watch.reports ? [watch.take(false)] : [])),
    ];
    return pools.length > 0 ? { pools } : {};
  }

  #freeName(wanted: string): string {
    const taken = new Set([...this.#watched.values()].map(({ watch }) => watch.name));
    if (!taken.has(wanted)) return wanted;
    let number = 2;
    while (taken.has(`${wanted} ${number}`)) number += 1;
    return `${wanted} ${number}`;
  }

  #refuse(name: unknown, why: string): () => void {
    this.#core.warn(`pool${name === undefined ? '' : ` "${textOf(name, 80)}"`} is not watched: ${why}`);
    return () => undefined;
  }
}

const registries = new WeakMap<AgentCore, PoolRegistry>();

/** The pools watched with this agent. */
export function poolsOf(core: AgentCore): PoolRegistry {
  let registry = registries.get(core);
  if (!registry) {
    registry = new PoolRegistry(core);
    registries.set(core, registry);
  }
  return registry;
}
