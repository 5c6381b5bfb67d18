import { redactText, snapshot } from '../model/redact.ts';
import type { AnnouncedCheck, Answer, SignalBatch } from '../model/signal.ts';
import { plain, textOf } from './rescue.ts';

/** How a check of the app's own is run. */
export interface CheckOptions {
  /** Seconds between two runs, 1 to 86,400. @default 60 */
  readonly intervalSeconds?: number;
  /** So long one run may take, s, up to 600. @default 10 */
  readonly timeoutSeconds?: number;
  /** The page it stands on, and whose alerts it raises. @default 'application' */
  readonly component?: 'application' | 'database' | 'api';
  /** What it says about the system, for the person who reads its page. */
  readonly explanation?: string;
}

/**
 * A check of the app's own: nothing, or true, when all is well; false, or an error thrown, when not; or an object with `status`
 * (`ok`, `warning`, `error`, `unknown`), and if there is more to say `reason` and `seen`. `signal` aborts when its time is over.
 */
export type CheckFunction = (context: { readonly signal: AbortSignal }) => unknown;

const mostChecks = 100;
const mostAnswers = 100;

interface Entry {
  readonly announced: AnnouncedCheck;
  readonly fn: CheckFunction;
  /** `performance.now()` of the start of the run that has not come back. */
  runningSince: number | undefined;
}

/** The app's own checks: announced with every batch, run when the monitor orders it, in the app, where their connections are. */
export class AgentChecks {
  readonly #entries = new Map<string, Entry>();
  #answers: Answer[] = [];

  /** Adds a check, or takes another function for one that is there. Returns what is wrong with it, or undefined. */
  add(name: unknown, fn: unknown, given: CheckOptions | undefined): string | undefined {
    if (typeof name !== 'string' || name.trim() === '') return 'addCheck needs a name';
    if (typeof fn !== 'function') return `addCheck("${name.slice(0, 50)}") needs a function`;
    const key = textOf(name.trim(), 100);
    if (!this.#entries.has(key) && this.#entries.size >= mostChecks)
      return `addCheck("${key}") is left out: there are ${mostChecks} checks already`;
    const { intervalSeconds, timeoutSeconds, component, explanation } = plain(given);
    const announced: AnnouncedCheck = {
      name: key,
      intervalMs: seconds(intervalSeconds, 60, 86_400) * 1000,
      timeoutMs: seconds(timeoutSeconds, 10, 600) * 1000,
      component: component === 'database' || component === 'api' ? component : 'application',
      explanation: typeof explanation === 'string' ? textOf(explanation, 500) : '',
    };
    this.#entries.set(key, { announced, fn: fn as CheckFunction, runningSince: undefined });
    return undefined;
  }

  remove(name: unknown): boolean {
    return this.#entries.delete(String(name).trim());
  }

  /** Runs one check for the monitor. Resolves with what its function returned, JSON-safe; rejects with what it threw, in words. */
  async run(name: string, timeoutMs: number): Promise<unknown> {
    const entry = this.#entries.get(name);
    if (!entry) throw new Error(`this process has no check "${name}"`);
    if (entry.runningSince !== undefined) {
      const since = Math.round((performance.now() - entry.runningSince) / 1000);
      throw new Error(`the run of ${since} s ago has not come back; no second one is started`);
    }
    entry.runningSince = performance.now();
    try {
      const result: unknown = await entry.fn({ signal: AbortSignal.timeout(timeoutMs) });
      return snapshot(result, { depth: 4, width: 30, text: 500, total: 4000 });
    } catch (error) {
      throw new Error(redactText(textOf(wordsOf(error), 500)) || 'the check failed without a message');
    } finally {
      entry.runningSince = undefined;
    }
  }

  /** For channels that bring no answer back by themselves: it goes with the next batch. */
  answerLater(answer: Answer): void {
    if (this.#answers.length < mostAnswers) this.#answers.push(answer);
  }

  /** What a batch says of checks. */
  part(): Pick<SignalBatch, 'checks' | 'answers'> {
    const answers = this.#answers;
    this.#answers = [];
    return {
      ...(this.#entries.size > 0 ? { checks: [...this.#entries.values()].map((one) => one.announced) } : {}),
      ...(answers.length > 0 ? { answers } : {}),
    };
  }
}

function wordsOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'message' in error ? error.message : error;
}

function seconds(value: unknown, otherwise: number, most: number): number {
  return typeof value === 'number' && value > 0 ? Math.min(Math.max(value, 0.1), most) : otherwise;
}
