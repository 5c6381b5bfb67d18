/** Everything gathered about one watched pool. The driver's adapter calls it; nothing in here throws. */
import type { PoolReport, PoolSnapshot, SlowQuery } from '../../model/pool.ts';
import type { StatementLanguage } from '../../model/statement-shape.ts';
import { type ActiveSpan, beginChild, current } from '../context.ts';
import type { AgentCore } from '../core.ts';
import { textOf } from '../rescue.ts';
import { type CallSite, CallSites } from './call-site.ts';
import { Holdings, type Request } from './holdings.ts';
import { type StatementSlot, Statements } from './statements.ts';

/** Slow queries kept between two batches; then the slowest stay, and the others are counted. */
const mostSlow = 50;

type Below = (...args: never[]) => unknown;

/** What a driver's adapter can tell about its pool. */
export interface PoolCounts {
  readonly used?: number | undefined;
  readonly idle?: number | undefined;
  readonly waiting?: number | undefined;
  readonly max?: number | null | undefined;
}

/** A query that runs. */
export interface RunningQuery {
  readonly slot: StatementSlot;
  /** `performance.now()`. */
  readonly startedAt: number;
  readonly site: CallSite | undefined;
  readonly waitMs: number;
  /** What its callback belongs to. */
  readonly parent: ActiveSpan | undefined;
  readonly span: ActiveSpan | undefined;
}

type Slow = PoolReport['slow'][number];

export class PoolWatch {
  readonly name: string;
  readonly kind: string;
  readonly holdings = new Holdings();
  readonly language: StatementLanguage;
  readonly #core: AgentCore;
  readonly #statements: Statements;
  readonly #sites = new CallSites();
  readonly #querySites = new CallSites();
  #slow: Slow[] = [];
  #handing: Request | undefined;
  #active = true;
  /** What the app said itself about the most connections there can be. */
  readonly max: number | undefined;
  /** Asked once a second. */
  counts: () => PoolCounts = () => ({});

  constructor(core: AgentCore, name: string, kind: string, language: StatementLanguage, max?: number) {
    this.max = max;
    this.#core = core;
    this.name = name;
    this.kind = kind;
    this.language = language;
    this.#statements = new Statements(language, name);
  }

  /** Connections are followed. False: everything passes straight through. */
  get followsPool(): boolean {
    return this.#active && this.#core.enabled && this.#core.settings.database_monitoring.monitor_pool_size;
  }

  get timesQueries(): boolean {
    return this.#active && this.#core.enabled && this.#core.settings.database_monitoring.monitor_query_time;
  }

  /** Something of it is followed at all. */
  get reports(): boolean {
    return this.followsPool || this.timesQueries;
  }

  stop(): void {
    this.#active = false;
    this.holdings.clear();
  }

  /** Somebody asks for a connection. `below` is the function of ours that was called. */
  request(below: Below): Request {
    const startedAt = performance.now();
    const request: Request = {
      startedAt,
      site: this.#sites.capture(below, startedAt, this.holdings.pressed),
      parent: current.getStore(),
      waitMs: 0,
    };
    if (this.followsPool) this.holdings.requested(request);
    return request;
  }

  /** A request was answered. */
  answered(request: Request, error: unknown, connection: unknown): void {
    if (error) this.holdings.failed(request, isTimeout(error));
    else this.holdings.acquired(request, connection, performance.now());
  }

  /** A request that waited for a connection which is shared: it was sent, or failed before. */
  served(request: Request, error: unknown): void {
    if (error) this.holdings.failed(request, isTimeout(error));
    else this.holdings.served(request, performance.now());
  }

  released(connection: unknown): void {
    this.holdings.released(connection, performance.now());
  }

  /** Runs what the driver does with a connection the moment it is there: queries begun in it belong to the request. */
  handing<T>(request: Request, run: () => T): T {
    const before = this.#handing;
    this.#handing = request;
    try {
      // Also without a parent: outside of any request is a place too.
      return current.run(request.parent as ActiveSpan, run);
    } finally {
      this.#handing = before;
    }
  }

  /** A query begins. `text` is SQL as the app wrote it, or the shape of another command. */
  begin(text: string, connection: unknown, below: Below): RunningQuery {
    const request = this.#handing;
    const startedAt = performance.now();
    const slot = this.#statements.slot(text);
    if (connection !== undefined) this.holdings.runs(connection, slot);
    const parent = request ? request.parent : current.getStore();
    const traced = parent !== undefined && parent.trace.root.durationMs < 0;
    const span = traced ? beginChild(parent, slot.shape.summary, 'client', startedAt) : undefined;
    if (span) span.attributes = slot.attributes;
    const site = request ? request.site : this.#querySites.capture(below, startedAt, false);
    return { slot, startedAt, site, waitMs: request?.waitMs ?? 0, parent, span };
  }

  /** It ended, in whatever way. */
  end(query: RunningQuery, error: unknown, rows: number | null): void {
    const ms = performance.now() - query.startedAt;
    const { slot, span } = query;
    slot.sketch.record(ms / 1000);
    if (error) slot.errors += 1;
    if (rows !== null && rows > 0) slot.rows += rows;
    if (span) {
      span.durationMs = ms;
      if (error) span.failed = true;
    }
    if (ms >= this.#core.settings.database_monitoring.slow_query_threshold_ms) this.#note(query, ms, error, rows);
  }

  /** What happened since the last time. */
  take(gone: boolean): PoolReport {
    const { holdings } = this;
    if (!this.followsPool) holdings.clear();
    const { statements, folded } = this.#statements.take();
    this.#core.drop('statements', folded);
    const report: PoolReport = {
      name: this.name,
      kind: this.kind,
      language: this.language,
      snapshot: this.#snapshot(),
      waits: holdings.waits.encode(),
      holds: holdings.holds.encode(),
      errors: holdings.errors,
      timeouts: holdings.timeouts,
      exhaustions: holdings.exhaustions,
      statements,
      slow: this.#slow,
      ...(gone ? { gone: true } : {}),
    };
    holdings.waits.reset();
    holdings.holds.reset();
    holdings.errors = 0;
    holdings.timeouts = 0;
    holdings.exhaustions = 0;
    this.#slow = [];
    return report;
  }

  #snapshot(): PoolSnapshot {
    const now = performance.now();
    const { holdings } = this;
    const counts = read(this.counts);
    holdings.max = counts.max ?? this.max ?? null;
    return {
      at: Date.now(),
      used: counts.used ?? holdings.held.size,
      idle: counts.idle ?? 0,
      waiting: Math.max(counts.waiting ?? 0, holdings.waiting.size),
      max: holdings.max,
      ...holdings.ages(now),
      holders: holdings.holders(now),
    };
  }

  #note(query: RunningQuery, durationMs: number, error: unknown, rows: number | null): void {
    if (this.#slow.length >= mostSlow) {
      this.#core.drop('slow_queries', 1);
      const fastest = this.#slow.reduce(
        (least, one, index) => (one.durationMs < this.#slow[least]!.durationMs ? index : least),
        0,
      );
      if (this.#slow[fastest]!.durationMs >= durationMs) return;
      this.#slow.splice(fastest, 1);
    }
    this.#slow.push(slowQuery(query, durationMs, error, rows));
  }
}

function slowQuery(query: RunningQuery, durationMs: number, error: unknown, rows: number | null): Slow {
  const { slot, site, waitMs, parent } = query;
  const trace = parent?.trace;
  const out: Omit<SlowQuery, 'service' | 'instance' | 'pool' | 'id'> = {
    at: Date.now() - durationMs,
    statement: slot.shape.id,
    text: slot.shape.text,
    durationMs,
    waitMs,
    rows,
    caller: site?.text ?? '',
    ...(trace ? { traceId: trace.id } : {}),
    ...(trace?.correlationId ? { correlationId: trace.correlationId } : {}),
    ...(error ? { error: errorName(error) } : {}),
  };
  return { ...out, id: '' };
}

/** `DatabaseError 57014`: never the message, which may quote values. */
function errorName(error: unknown): string {
  const { name, code } = fieldsOf(error);
  return `${textOf(name ?? 'Error', 60)}${code === undefined ? '' : ` ${textOf(code, 60)}`}`;
}

function isTimeout(error: unknown): boolean {
  const { name, code, message } = fieldsOf(error);
  return /time(?:d )?out|ETIMEDOUT/i.test(
    `${textOf(name ?? '', 60)} ${textOf(code ?? '', 60)} ${textOf(message ?? '', 300)}`,
  );
}

function fieldsOf(error: unknown): { name?: unknown; code?: unknown; message?: unknown } {
  try {
    const { name, code, message } = error as { name?: unknown; code?: unknown; message?: unknown };
    return { name, code, message };
  } catch {
    return {};
  }
}

/** What the adapter tells; a number that is none, or a getter that throws, tells nothing. */
function read(counts: () => PoolCounts): { used?: number; idle?: number; waiting?: number; max?: number } {
  const out: { used?: number; idle?: number; waiting?: number; max?: number } = {};
  try {
    const given = counts();
    for (const key of ['used', 'idle', 'waiting', 'max'] as const) {
      const value = given[key];
      if (typeof value === 'number' && Number.isFinite(value) && value >= 0) out[key] = Math.floor(value);
    }
  } catch {
    // A pool that cannot be asked is shown with what was seen of it.
  }
  return out;
}
