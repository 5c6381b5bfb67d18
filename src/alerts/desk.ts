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
      return open?.severity;
    },
    recall: () => pen.draft.memory(memoryId)?.value,
    remember: (value) => pen.draft.putMemory({ id: memoryId, at: pen.now, value }),
  };
}
