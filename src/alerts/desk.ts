import { memoryPrefix } from './book.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { Pen } from './life.ts';
import type { Rule, RuleDesk } from './rule.ts';

/** The desk of one rule in one transaction. */
export function createDesk(pen: Pen, rule: Rule): RuleDesk {
  const { id, alertType, source } = rule.info;
  const memoryId = `${memoryPrefix}${id}`;
  return {
    now: pen.now,
    severityOf(labels) {
      const open = pen.draft.open(fingerprintOf(id, alertType, source, labels));
      // A pending alert holds no level yet: only values above the threshold bring it to fire.
      return open?.state === 'firing' ? open.severity : undefined;
    },
    recall: () => pen.draft.memory(memoryId)?.value,
    remember: (value) => pen.draft.putMemory({ id: memoryId, at: pen.now, value }),
  };
}
