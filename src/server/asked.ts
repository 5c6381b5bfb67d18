import { isMonitorError } from '../model/problem.ts';
import { Refusal } from './refusal.ts';

/** Asks another room; what it refuses about the question itself is the asker's mistake, not ours. */
export async function asked<T>(part: 'query' | 'body', question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (error) {
    if (isMonitorError(error) && error.code === 'bad-argument') {
      throw new Refusal('bad-request', error.message, {
        path: part,
        ...(error.hint !== undefined && { hint: error.hint }),
      });
    }
    throw error;
  }
}
