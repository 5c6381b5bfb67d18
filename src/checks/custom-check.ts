import type { Check, CheckComponent, CheckOutcome } from '../model/check.ts';
import { formatDuration } from '../model/duration.ts';
import { redactText, snapshot } from '../model/redact.ts';

/** How a check that is a function is run. */
export interface DefineCheckOptions {
  /** The page it stands on, and whose alerts it raises. @default 'application' */
  readonly component?: Exclude<CheckComponent, 'system'>;
  /** @default 60 */
  readonly intervalSeconds?: number;
  /** @default 10 */
  readonly timeoutSeconds?: number;
  /** What it looks at, for people. @default 'a function' */
  readonly target?: string;
  /** What it says about the system, for the person who reads its page. */
  readonly explanation?: string;
}

const explanation = 'A function of your own says whether all is well.';

/**
 * Makes a check of a function, for `startMonitor({ checks: [...] })`. It says what a function given to `addCheck` in an application says:
 * nothing or true when all is well, false or an error thrown when not, or an object with `status`, `reason` and `seen`.
 * `signal` aborts at its deadline; a function that does not come back is reported all the same, and not started a second time.
 *
 * @example
 * defineCheck('licence', async () => ({ status: daysLeft > 7 ? 'ok' : 'warning', reason: `${daysLeft} days left` }));
 */
export function defineCheck(
  name: string,
  fn: (context: { readonly signal: AbortSignal }) => unknown,
  options: DefineCheckOptions = {},
): Check {
  return {
    info: {
      id: `custom:${name}`,
      kind: 'function',
      component: options.component ?? 'application',
      name,
      target: options.target ?? 'a function',
      intervalMs: (options.intervalSeconds ?? 60) * 1000,
      timeoutMs: (options.timeoutSeconds ?? 10) * 1000,
      explanation: options.explanation ?? explanation,
    },
    async run(signal) {
      try {
        return judgeAnswer(snapshot(await fn({ signal }), { depth: 4, width: 30, text: 500, total: 4000 }));
      } catch (error) {
        return threw(error instanceof Error ? error.message : String(error));
      }
    },
  };
}

/** Words for a status that people use, the predecessor's among them. */
const words: Readonly<Record<string, CheckOutcome['status']>> = {
  ok: 'ok',
  healthy: 'ok',
  up: 'ok',
  pass: 'ok',
  warning: 'warning',
  warn: 'warning',
  degraded: 'warning',
  error: 'error',
  unhealthy: 'error',
  critical: 'error',
  down: 'error',
  fail: 'error',
  unknown: 'unknown',
};

/** What a function's answer means. One that means nothing is an error: a check that cannot say how it is must not look well. */
export function judgeAnswer(answer: unknown): CheckOutcome {
  // JSON knows no undefined: a function that only returns comes as null over HTTP.
  if (answer === undefined || answer === null || answer === true)
    return { status: 'ok', reason: 'all is well', seen: {} };
  if (answer === false) return { status: 'error', reason: 'the function said false', seen: {} };
  if (typeof answer === 'object' && !Array.isArray(answer)) return judgeObject(answer as Record<string, unknown>);
  return garbage(answer);
}

function judgeObject(answer: Readonly<Record<string, unknown>>): CheckOutcome {
  const said = answer['status'] ?? answer['healthy'] ?? answer['ok'];
  const status = typeof said === 'boolean' ? (said ? 'ok' : 'error') : words[String(said).toLowerCase()];
  if (status === undefined) return garbage(answer);
  const reason = [answer['reason'], answer['message'], answer['error']].find(
    (one): one is string => typeof one === 'string' && one.trim() !== '',
  );
  const seen = answer['seen'] ?? answer['details'];
  return {
    status,
    reason: redactText(reason ?? (status === 'ok' ? 'all is well' : `the function said ${String(said)}`)).slice(0, 500),
    seen: typeof seen === 'object' && seen !== null ? { ...seen } : seen === undefined ? {} : { seen },
  };
}

function garbage(answer: unknown): CheckOutcome {
  const shown = (JSON.stringify(answer) ?? typeof answer).slice(0, 100);
  return {
    status: 'error',
    reason: `the function returned ${shown}; a check returns nothing or true, false, or { status: 'ok' | 'warning' | 'error', reason, seen }`,
    seen: { returned: shown },
  };
}

/** What it means that a function threw. */
export function threw(message: string): CheckOutcome {
  return {
    status: 'error',
    reason: redactText(message).slice(0, 500) || 'the function threw an error without a message',
    seen: { threw: true },
  };
}

/** What it means that nothing came back. */
export function silent(timeoutMs: number, why: string): CheckOutcome {
  return {
    status: 'error',
    reason: `no answer within ${formatDuration(timeoutMs)} while ${why}`,
    seen: { timed_out: true },
  };
}
