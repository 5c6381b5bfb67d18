import { memoryPrefix } from './book.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { Pen } from './pen.ts';
import type { Rule, RuleDesk } from './rule.ts';

/** The desk of one rule in one transaction. */
export function createDesk(pen: Pen, rule: Rule, awakeSince: number): RuleDesk {
  const { id, alertType, source } = rule.info;
  const whole = `${memoryPrefix}${id}`;
  const prefix = `${whole}/`;
  const place = (part: string | undefined) => (part === undefined ? whole : prefix + part);
  return {
    now: pen.now,
    awakeSince,
    openEpisode: (fingerprint) => pen.draft.open(fingerprint),
    severityOf(labels) {
      const open = pen.draft.open(fingerprintOf(id, alertType, source, labels));
      // A pending alert holds no level yet: only values above the threshold bring it to fire.
      return open?.state === 'firing' ? open.severity : undefined;
    },
    recall: (part) => pen.draft.memory(place(part))?.value,
    parts: () => pen.draft.memories(prefix).map((key) => key.slice(prefix.length)),
    remember(value, part) {
      if (value === undefined) pen.draft.removeMemory(place(part));
      else pen.draft.putMemory({ id: place(part), at: pen.now, value });
    },
  };
}
