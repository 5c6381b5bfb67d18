import { isMonitorError, type ProblemCode } from '../model/problem.ts';
import { Refusal, type RefusalCode } from './refusal.ts';

const refusalOf: Partial<Record<ProblemCode, RefusalCode>> = {
  'bad-argument': 'bad-request',
  'query-too-large': 'query-too-large',
  'query-too-slow': 'query-too-slow',
};

/** Asks another room; what it refuses about the question itself (no sense, too much, too slow) is the asker's business, not our failure. */
export async function asked<T>(part: 'query' | 'body', question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (error) {
    const code = isMonitorError(error) ? refusalOf[error.code] : undefined;
    if (!isMonitorError(error) || code === undefined) throw error;
    throw new Refusal(code, error.message, {
      path: part,
      ...(error.hint !== undefined && { hint: error.hint }),
    });
  }
}
