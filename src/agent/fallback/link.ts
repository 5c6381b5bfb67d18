/** One connection of a chain with its breaker: whether it may be asked, and what became of it. */
import { type BreakerRules, type BreakerState, breakerAfter, breakerAt, closedBreaker } from '../../model/breaker.ts';
import { formatDuration } from '../../model/duration.ts';
import type { FallbackConnection } from '../../model/pool.ts';
import { cut, redactText } from '../../model/redact.ts';
import type { Source } from './entry.ts';
import { reasonOf } from './failure.ts';
import type { ConnectionFailure } from './fallback-error.ts';

export type BreakerKind = BreakerState['kind'];

export class Link {
  readonly source: Source;
  readonly #rules: () => BreakerRules;
  readonly #changed: (link: Link, from: BreakerKind, to: BreakerKind) => void;
  #state: BreakerState = closedBreaker;
  #since: number;
  #shown: BreakerKind = 'closed';
  /** Half-open lets one operation try; the others go on to the next connection meanwhile. */
  #trialSince: number | undefined;
  #reason = '';
  #error: unknown;
  #served = 0;
  #failed = 0;

  constructor(
    source: Source,
    rules: () => BreakerRules,
    now: number,
    changed: (link: Link, from: BreakerKind, to: BreakerKind) => void,
  ) {
    this.source = source;
    this.#rules = rules;
    this.#since = now;
    this.#changed = changed;
  }

  get reason(): string {
    return this.#reason;
  }

  kindAt(now: number): BreakerKind {
    return breakerAt(this.#state, this.#rules(), now).kind;
  }

  /** True when an operation at `now` would be let through. */
  isFree(now: number): boolean {
    const kind = this.kindAt(now);
    if (kind !== 'half-open' || this.#trialSince === undefined) return kind !== 'open';
    // A trial that never ends must not keep the connection out of use for ever.
    const age = now - this.#trialSince;
    return age >= this.#rules().resetMs || age < 0;
  }

  /** Lets an operation through, or not. */
  admit(now: number): boolean {
    if (!this.isFree(now)) return false;
    this.#show(now);
    if (this.#shown === 'half-open') this.#trialSince = now;
    return true;
  }

  succeeded(now: number): void {
    this.#trialSince = undefined;
    this.#served += 1;
    this.#state = breakerAfter(this.#state, this.#rules(), now, true);
    this.#show(now);
  }

  failed(error: unknown, now: number): void {
    this.#trialSince = undefined;
    this.#failed += 1;
    this.#error = error;
    this.#reason = cut(redactText(reasonOf(error)), 300);
    this.#state = breakerAfter(this.#state, this.#rules(), now, false);
    this.#show(now);
  }

  /** The operation was given up by its caller: that says nothing. */
  abandoned(): void {
    this.#trialSince = undefined;
  }

  /** Why it does not serve now. */
  failure(now: number): ConnectionFailure {
    const breaker = this.kindAt(now);
    const retryAt = this.#retryAt(now);
    const wait =
      breaker === 'closed'
        ? ''
        : retryAt === null
          ? 'a trial is under way'
          : `not tried again for ${formatDuration(retryAt - now)}`;
    const reason = [this.#reason, wait].filter((part) => part !== '').join(', ');
    return { name: this.source.name, breaker, reason: reason || 'it was not asked', error: this.#error };
  }

  /** How it stands. */
  state(now: number): Omit<FallbackConnection, 'served' | 'failed'> {
    return {
      name: this.source.name,
      breaker: this.kindAt(now),
      since: this.#since,
      failures: this.#state.failures,
      retryAt: this.#retryAt(now),
      reason: this.#reason,
    };
  }

  /** What it did since the last time, and forgets it. */
  take(now: number): FallbackConnection {
    this.#show(now);
    const out = { ...this.state(now), served: this.#served, failed: this.#failed };
    this.#served = 0;
    this.#failed = 0;
    return out;
  }

  #retryAt(now: number): number | null {
    if (this.#state.kind !== 'open' || this.kindAt(now) !== 'open') return null;
    return this.#state.since + this.#rules().resetMs;
  }

  #show(now: number): void {
    const kind = this.kindAt(now);
    if (kind === this.#shown) return;
    const before = this.#shown;
    this.#shown = kind;
    this.#since = now;
    this.#changed(this, before, kind);
  }
}
