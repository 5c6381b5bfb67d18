import type { PoolHolder } from '../../model/pool.ts';
import { Sketch } from '../../model/sketch.ts';
import type { ActiveSpan } from '../context.ts';
import type { CallSite } from './call-site.ts';
import type { StatementSlot } from './statements.ts';

/** Connections that are not given back may be many where nobody gives any back; more than this are only counted. */
const mostHolders = 10_000;
const mostSites = 5;

/** Somebody's request for a connection, from the call to the moment it is there. */
export interface Request {
  /** `performance.now()`. */
  readonly startedAt: number;
  readonly site: CallSite | undefined;
  /** What was under way when it was made: queued work runs in the wrong context otherwise. */
  readonly parent: ActiveSpan | undefined;
  waitMs: number;
}

interface Holding {
  readonly site: CallSite | undefined;
  readonly since: number;
  slot: StatementSlot | undefined;
}

/** Who waits for a connection, who holds one, since when. */
export class Holdings {
  /** In the order in which they came. */
  readonly waiting = new Set<Request>();
  readonly held = new Map<unknown, Holding>();
  readonly waits = new Sketch();
  readonly holds = new Sketch();
  errors = 0;
  timeouts = 0;
  exhaustions = 0;
  /** Most connections there can be, as the driver said last. */
  max: number | null = null;
  #exhausted = false;

  get pressed(): boolean {
    return this.max !== null && this.held.size >= this.max;
  }

  requested(request: Request): void {
    this.waiting.add(request);
    if (this.pressed && !this.#exhausted) {
      this.#exhausted = true;
      this.exhaustions += 1;
    }
  }

  /** The request was answered with this connection. */
  acquired(request: Request, connection: unknown, now: number): void {
    if (!this.#answered(request)) return;
    request.waitMs = now - request.startedAt;
    this.waits.record(request.waitMs / 1000);
    if (this.held.size < mostHolders) this.held.set(connection, { site: request.site, since: now, slot: undefined });
  }

  /** The request went its way on a connection that nobody holds alone. */
  served(request: Request, now: number): void {
    if (this.#answered(request)) this.waits.record((now - request.startedAt) / 1000);
  }

  failed(request: Request, timedOut: boolean): void {
    if (!this.#answered(request)) return;
    this.errors += 1;
    if (timedOut) this.timeouts += 1;
  }

  /** The connection was given back or destroyed. A second time changes nothing. */
  released(connection: unknown, now: number): void {
    const holding = this.held.get(connection);
    if (!holding) return;
    this.held.delete(connection);
    this.holds.record((now - holding.since) / 1000);
  }

  runs(connection: unknown, slot: StatementSlot): void {
    const holding = this.held.get(connection);
    if (holding) holding.slot = slot;
  }

  /** Longest and shortest wait and hold, ms. */
  ages(now: number): {
    longestWaitMs: number | null;
    shortestWaitMs: number | null;
    longestHoldMs: number | null;
    shortestHoldMs: number | null;
  } {
    let first: Request | undefined;
    let last: Request | undefined;
    for (const request of this.waiting) {
      first ??= request;
      last = request;
    }
    let oldest = Number.POSITIVE_INFINITY;
    let newest = Number.NEGATIVE_INFINITY;
    for (const { since } of this.held.values()) {
      oldest = Math.min(oldest, since);
      newest = Math.max(newest, since);
    }
    const none = this.held.size === 0;
    return {
      longestWaitMs: first ? now - first.startedAt : null,
      shortestWaitMs: last ? now - last.startedAt : null,
      longestHoldMs: none ? null : now - oldest,
      shortestHoldMs: none ? null : now - newest,
    };
  }

  /** Who holds connections, most of them first. Stacks are read here, of at most a hundred holders. */
  holders(now: number): PoolHolder[] {
    const bySite = new Map<string, { count: number; oldest: Holding }>();
    let read = 0;
    for (const holding of this.held.values()) {
      const site = read++ < 100 ? (holding.site?.text ?? 'unknown') : 'unknown';
      const known = bySite.get(site);
      if (!known) bySite.set(site, { count: 1, oldest: holding });
      else {
        known.count += 1;
        if (holding.since < known.oldest.since) known.oldest = holding;
      }
    }
    return [...bySite]
      .map(([site, { count, oldest }]) => ({
        site,
        count,
        longestMs: now - oldest.since,
        statement: oldest.slot?.shape.text ?? null,
        stack: now - oldest.since >= 1000 ? (oldest.site?.stack ?? '') : '',
      }))
      .sort((a, b) => b.count - a.count || b.longestMs - a.longestMs)
      .slice(0, mostSites);
  }

  clear(): void {
    this.waiting.clear();
    this.held.clear();
    this.#exhausted = false;
  }

  #answered(request: Request): boolean {
    if (!this.waiting.delete(request)) return false;
    if (this.waiting.size === 0) this.#exhausted = false;
    return true;
  }
}
