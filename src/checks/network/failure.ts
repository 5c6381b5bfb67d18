import type { CheckOutcome } from '../../model/check.ts';
import { formatDuration } from '../../model/duration.ts';
import { networkFailure } from '../network-words.ts';
import { chainLines } from './certificate.ts';
import { type Progress, waitingWords } from './progress.ts';

/** The outcome of a run that came to no answer: its deadline, or the network's error, with what was seen until then. */
export function failedRun(error: unknown, progress: Progress, signal: AbortSignal, timeoutMs: number): CheckOutcome {
  return signal.aborted ? timedOut(progress, timeoutMs) : broken(error, progress);
}

function timedOut(progress: Progress, timeoutMs: number): CheckOutcome {
  const { stage, bytes, phases } = progress;
  return {
    status: 'error',
    reason: `no complete answer within ${formatDuration(timeoutMs)} while ${waitingWords(progress)}`,
    seen: { timed_out: true, stage, ...(bytes > 0 ? { bytes } : {}), ...traces(progress) },
    phases,
  };
}

function broken(error: unknown, progress: Progress): CheckOutcome {
  const failure = networkFailure(error);
  const before = failure.code === 'ECONNRESET' && progress.stage === 'first_byte' ? ' before it answered' : '';
  return {
    status: 'error',
    reason: `${failure.reason}${before}`,
    seen: { stage: progress.stage, ...(failure.code ? { code: failure.code } : {}), ...traces(progress) },
    phases: progress.phases,
    ...(failure.inconclusive ? { inconclusive: true } : {}),
  };
}

/** The evidence of the network: what DNS answered, which certificates were shown. */
export function traces({ addresses, chain }: Progress): Record<string, unknown> {
  return {
    ...(addresses.length > 0 ? { dns_answers: [...addresses] } : {}),
    ...(chain.length > 0 ? { certificate_chain: chainLines(chain) } : {}),
  };
}
