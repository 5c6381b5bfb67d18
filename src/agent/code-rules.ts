import { parseDuration } from '../model/duration.ts';
import type { RuleInCode } from '../model/rule.ts';
import type { AgentCore } from './core.ts';

/** After the last definition it is waited so long, so that rules defined one after another travel together. */
const settleMs = 1000;
/** The list is repeated so often: the monitor may have been replaced. */
const repeatMs = 60_000;
/** Most rules of a process. */
const mostRules = 500;
const defaultEveryMs = 15_000;

interface Measured {
  readonly value: () => unknown;
  readonly everyMs: number;
  dueAt: number;
}

/** Rules that the application defines in code, on their way to the monitor, and the functions among them. */
export class CodeRules {
  readonly #core: AgentCore;
  readonly #rules = new Map<string, Readonly<Record<string, unknown>>>();
  readonly #measured = new Map<string, Measured>();
  #changedAt = performance.now();
  #sentAt = Number.NEGATIVE_INFINITY;
  #changed = false;

  constructor(core: AgentCore) {
    this.#core = core;
  }

  /** Takes a rule in; one with the same id is replaced. What cannot be sent is counted as dropped. */
  define(rule: RuleInCode): void {
    const { value, ...rest } = rule as RuleInCode & Record<string, unknown>;
    const id = typeof rest.id === 'string' ? rest.id : '';
    const text = JSON.stringify(
      typeof value === 'function' ? { ...rest, when: whenOf(id, everyMsOf(rest.every)) } : rest,
    );
    if (id === '' || text === undefined || text.length > 16_384 || this.#rules.size >= mostRules) {
      this.#core.drop('rules', 1);
      return;
    }
    this.#rules.set(id, JSON.parse(text) as Record<string, unknown>);
    this.#measured.delete(id);
    if (typeof value === 'function') this.#measured.set(id, { value, everyMs: everyMsOf(rest.every), dueAt: 0 });
    this.#touch();
  }

  /** Takes a rule back; its alerts end. False when there is none. */
  remove(id: string): boolean {
    this.#measured.delete(id);
    const was = this.#rules.delete(id);
    if (was) this.#touch();
    return was;
  }

  /** What belongs into the next batch; measures what is due. Called once a second. */
  part(): { rules?: readonly Readonly<Record<string, unknown>>[] } {
    const now = performance.now();
    this.#measure(now);
    const settled = this.#changed && now - this.#changedAt >= settleMs;
    // The first list of a process that defines none says that those of an earlier release are gone.
    if (!settled && now - Math.max(this.#sentAt, 0) < repeatMs) return {};
    this.#changed = false;
    this.#sentAt = now;
    return { rules: [...this.#rules.values()] };
  }

  #touch(): void {
    this.#changed = true;
    this.#changedAt = performance.now();
  }

  #measure(now: number): void {
    for (const [id, measured] of this.#measured) {
      if (now < measured.dueAt) continue;
      measured.dueAt = now + measured.everyMs;
      try {
        const value = measured.value();
        if (typeof value === 'number' && Number.isFinite(value))
          this.#core.recorder.gauge(seriesName, value, { rule: id });
      } catch (error) {
        this.#core.fault(error, { context: { place: `value of rule ${id}` } });
      }
    }
  }
}

/** Where the numbers of functions are kept: one series for each rule. */
const seriesName = 'rule_value';

function whenOf(id: string, everyMs: number): Readonly<Record<string, unknown>> {
  const window = Math.max(60, Math.ceil((3 * everyMs) / 1000));
  return { kind: 'value', series: seriesName, match: { rule: id }, window };
}

function everyMsOf(every: unknown): number {
  const ms = typeof every === 'number' ? every * 1000 : typeof every === 'string' ? parseDuration(every) : undefined;
  return ms !== undefined && ms >= 1000 ? ms : defaultEveryMs;
}
