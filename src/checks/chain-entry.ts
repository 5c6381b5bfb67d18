import type { JournalEntry } from '../model/journal.ts';
import type { ChainStep } from './chain.ts';

/** A step of a breaker or chain as the journal keeps it: `about` has what the timeline is made of. */
export function chainEntry(step: ChainStep): Omit<JournalEntry, 'id' | 'at'> {
  const { reason } = step;
  if (step.kind === 'active') {
    const { name, from } = step;
    return {
      kind: 'breaker',
      severity: name === undefined ? 'error' : 'info',
      text:
        name === undefined
          ? `No database connection of the chain can be used any more; the last was ${from} (${reason})`
          : `Traffic goes to ${name} instead of ${from} (${reason})`,
      about: {
        step: 'active',
        chain: step.chain,
        from,
        to: name ?? 'none',
        reason,
        ...(step.check ? { check: step.check } : {}),
      },
    };
  }
  const { name, check, from, to } = step;
  const words = {
    open: `The circuit breaker of ${name} opened: ${reason}`,
    'half-open': `The circuit breaker of ${name} lets one trial through`,
    closed: `The circuit breaker of ${name} closed: ${reason}`,
  };
  return {
    kind: 'breaker',
    severity: to === 'open' ? 'warning' : 'info',
    text: words[to],
    about: { step: 'breaker', chain: step.chain, check, from, to, reason },
  };
}
