import type { CheckComponent, CheckState } from '../../model/check.ts';

/** The predecessor's words for a component, and one of ours for what nobody asked to be watched. */
export type ComponentWord = 'OK' | 'Warning' | 'Error' | 'Unknown' | 'Not configured';

/**
 * The state of a component in one word. Worst first: an error, a warning, then unknown (a check that is stale or has no
 * result yet), and only then OK. A chain or a set of endpoints of which less than half fails is a warning, as it was.
 */
export function componentWord(checks: readonly CheckState[], component: CheckComponent): ComponentWord {
  const states = checks.filter((state) => state.check.component === component);
  if (states.length === 0) return 'Not configured';
  const count = (...statuses: readonly string[]) => states.filter((state) => statuses.includes(state.status)).length;
  const failed = count('error');
  if (component === 'database' && failed > 0) return count('ok', 'warning') > 0 ? 'Warning' : 'Error';
  if (failed > 0) return component === 'api' && failed < states.length / 2 ? 'Warning' : 'Error';
  if (count('warning') > 0) return 'Warning';
  return count('unknown', 'stale') > 0 ? 'Unknown' : 'OK';
}

/**
 * The whole in the predecessor's words. Unknown is never healthy: it makes the whole `warning` at best.
 * What is not configured has no say, unless nothing at all is configured: then nothing is known, and that is not healthy.
 */
export function overallHealth(words: readonly ComponentWord[]): 'healthy' | 'warning' | 'unhealthy' {
  const known = words.filter((word) => word !== 'Not configured');
  if (known.includes('Error')) return 'unhealthy';
  return known.length > 0 && known.every((word) => word === 'OK') ? 'healthy' : 'warning';
}
