import type { Socket } from 'node:net';
import type { CheckInfo, CheckOutcome, ConditionResult } from '../../model/check.ts';
import { formatDuration } from '../../model/duration.ts';
import { cut, redactText } from '../../model/redact.ts';
import { type TextRule, textRules } from '../conditions/text.ts';
import type { EndpointKind } from '../endpoint-kind.ts';
import { dial } from '../network/dial.ts';
import { failedRun, traces } from '../network/failure.ts';
import { type Progress, startProgress } from '../network/progress.ts';
import { timeCondition, verdictOf } from '../verdict.ts';

/** So much of what the other side says is read. */
const mostBytes = 64 * 1024;

/** Connects to a port; with `send` and `expect` it also speaks with what answers there. */
export const tcpEndpoint: EndpointKind = ({ endpoint, info: given, limits, clock, guard }) => {
  const { host = '', port = 0, send, expect, ip_version } = endpoint;
  const rules =
    expect === undefined ? [] : textRules(typeof expect === 'string' ? { matches: beginning(expect) } : expect);
  const info: CheckInfo = {
    ...given,
    kind: 'tcp',
    component: 'api',
    target: `${host.includes(':') ? `[${host}]` : host}:${port}`,
    explanation:
      'Opens a TCP connection to this port and judges how long that took' +
      `${rules.length > 0 ? ', and what the other side says.' : '; nothing is said and nothing is read.'}`,
  };

  async function run(signal: AbortSignal): Promise<CheckOutcome> {
    const progress = startProgress(clock.monotonic);
    const startedAt = clock.monotonic();
    let socket: Socket | undefined;
    try {
      const reads = rules.length > 0;
      const way = { host, port, family: ip_version, guard, signal, progress };
      socket = await dial({ ...way, next: reads ? 'answer' : 'connect' });
      const address = socket.remoteAddress ?? '';
      if (send !== undefined) socket.write(send);
      const said = reads ? await listen(socket, rules, signal, progress) : '';
      const durationMs = clock.monotonic() - startedAt;
      const shown = said === '' ? 'nothing' : JSON.stringify(cut(redactText(said.slice(0, 1000)), 200));
      const conditions: ConditionResult[] = [
        timeCondition(limits, durationMs),
        ...rules.map((rule) => ({
          condition:
            expect === undefined
              ? ''
              : `what it says ${typeof expect === 'string' ? `begins with ${JSON.stringify(cut(expect, 80))}` : rule.words}`,
          met: rule.met(said),
          seen: `it said ${shown}`,
          severity: 'error' as const,
        })),
      ];
      return verdictOf(conditions, `connected in ${formatDuration(durationMs)}`, progress.phases, (status) => ({
        address,
        ...(reads ? { answer_bytes: progress.bytes, answer: shown } : {}),
        ...(status === 'ok' ? {} : traces(progress)),
      }));
    } catch (error) {
      return failedRun(error, progress, signal, info.timeoutMs);
    } finally {
      socket?.destroy();
    }
  }

  return { info, run };
};

/** A pattern for texts that begin with this one. */
function beginning(text: string): string {
  return `^${text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')}`;
}

/** Reads until the rules are met, the other side ends, or it has said enough; judging is the caller's business. */
function listen(socket: Socket, rules: readonly TextRule[], signal: AbortSignal, progress: Progress): Promise<string> {
  return new Promise((resolve, reject) => {
    const kept: Buffer[] = [];
    const text = () => Buffer.concat(kept).toString('utf8');
    const end = (error?: Error) => {
      signal.removeEventListener('abort', onAbort);
      socket.removeAllListeners('data');
      if (error) return reject(error);
      progress.mark('answer', 'answer');
      resolve(text());
    };
    const onAbort = () => end(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) return onAbort();
    socket.on('data', (chunk: Buffer) => {
      const part = Buffer.from(chunk.subarray(0, mostBytes - progress.bytes));
      progress.bytes += part.length;
      kept.push(part);
      const said = text();
      if (progress.bytes >= mostBytes || rules.every((rule) => rule.met(said))) end();
    });
    socket.once('end', () => end());
    socket.once('error', end);
    socket.once('close', () => end());
  });
}
