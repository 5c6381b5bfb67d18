import { Resolver } from 'node:dns/promises';
import type { CheckInfo, CheckOutcome, ConditionResult } from '../../model/check.ts';
import { formatDuration } from '../../model/duration.ts';
import { untilAborted } from '../abort.ts';
import type { EndpointKind } from '../endpoint-kind.ts';
import { failedRun } from '../network/failure.ts';
import { startProgress } from '../network/progress.ts';
import { timeCondition, verdictOf } from '../verdict.ts';
import { answerLines } from './answers.ts';
import { parseResolver } from './settings.ts';

/** So many answers are kept; a resolver may send what it likes. */
const mostShown = 50;
/** What a resolver says when there is nothing, in words; anything else it says is a failure. */
const nothing: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the name does not exist',
  ENODATA: 'the name has no such record',
};

/** Asks a resolver for records and judges how many and which they are. */
export const dnsEndpoint: EndpointKind = ({ endpoint, info: given, limits, clock, guard }) => {
  const { host = '', record_type: type, resolver, expected_values, only_expected_values, min_answers } = endpoint;
  const server = resolver === undefined ? undefined : parseResolver(resolver);
  const info: CheckInfo = {
    ...given,
    kind: 'dns',
    component: 'api',
    target: `${type} ${host}${resolver ? ` at ${resolver}` : ''}`,
    explanation:
      'Asks the resolver for these records and judges how long that took, and whether the answers are those expected.',
  };

  async function ask(signal: AbortSignal): Promise<readonly string[]> {
    // One question, without tries of its own: the check's deadline and `retries` decide.
    const resolving = new Resolver({ timeout: info.timeoutMs, tries: 1 });
    if (server) {
      guard?.judge(server.address);
      const address = server.address.includes(':') ? `[${server.address}]` : server.address;
      resolving.setServers([`${address}:${server.port}`]);
    }
    const onAbort = () => resolving.cancel();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return answerLines(type, await untilAborted(resolving.resolve(host, type) as Promise<unknown>, signal));
    } catch (error) {
      if (!signal.aborted && nothing[(error as { code?: string }).code ?? '']) return [];
      throw error;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  async function run(signal: AbortSignal): Promise<CheckOutcome> {
    const progress = startProgress(clock.monotonic);
    const startedAt = clock.monotonic();
    try {
      const answers = await ask(signal);
      progress.mark('dns', 'dns');
      const durationMs = clock.monotonic() - startedAt;
      const shown = answers.length === 0 ? 'no answer' : answers.slice(0, 8).join(', ');
      const conditions: ConditionResult[] = [
        {
          condition:
            min_answers === 0
              ? 'there is no answer'
              : `there ${min_answers === 1 ? 'is' : 'are'} at least ${min_answers} answer${min_answers === 1 ? '' : 's'}`,
          met: min_answers === 0 ? answers.length === 0 : answers.length >= min_answers,
          seen: shown,
          severity: 'error',
        },
        timeCondition(limits, durationMs),
        ...(expected_values ? expectation(answers, expected_values, only_expected_values) : []),
      ];
      const okReason = `${answers.length} ${answers.length === 1 ? 'answer' : 'answers'} in ${formatDuration(durationMs)}`;
      return verdictOf(conditions, okReason, progress.phases, () => ({
        answers: answers.slice(0, mostShown),
        answer_count: answers.length,
        resolver: resolver ?? 'of the machine',
      }));
    } catch (error) {
      return failedRun(error, progress, signal, info.timeoutMs);
    }
  }

  return { info, run };
};

function expectation(answers: readonly string[], expected: readonly string[], only: boolean): ConditionResult[] {
  const plain = (text: string) => text.trim().toLowerCase().replace(/\.$/, '');
  const found = new Set(answers.map(plain));
  const wanted = new Set(expected.map(plain));
  const missing = expected.filter((value) => !found.has(plain(value)));
  const strange = answers.filter((value) => !wanted.has(plain(value)));
  const list = (values: readonly string[]) => values.slice(0, 8).join(', ');
  return [
    {
      condition: `the answers have ${list(expected)}`,
      met: missing.length === 0,
      seen: missing.length === 0 ? 'all of them' : `missing ${list(missing)}`,
      severity: 'error',
    },
    ...(only
      ? [
          {
            condition: 'the answers have nothing else',
            met: strange.length === 0,
            seen: strange.length === 0 ? 'nothing else' : `also ${list(strange)}`,
            severity: 'error' as const,
          },
        ]
      : []),
  ];
}
