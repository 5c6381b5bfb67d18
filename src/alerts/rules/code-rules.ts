import type { RuleRefusal, RulesInCode } from '../../model/alert.ts';
import { type Book, memoryPrefix } from '../book.ts';
import type { Rule } from '../rule.ts';
import { createRule, readRule } from './rule-list.ts';

/** Rules that applications define in their code, remembered across restarts: a rule must not sleep until its application comes back. */
export interface CodeRules {
  readonly rules: readonly Rule[];
  define(definition: RulesInCode): {
    readonly changed: boolean;
    readonly refused: readonly RuleRefusal[];
    readonly record: { readonly id: string; readonly value: unknown };
  };
}

/** Most rules of one service, and services that may define some. */
const mostRules = 500;
const mostServices = 200;
// No rule can be called this, so that it does not meet what a rule remembers.
const place = `${memoryPrefix}@code/`;

/** So long after its start a process may still be defining its rules; those of the one before stay until then. */
const settlingMs = 60_000;

interface Kept {
  readonly startedAt: number;
  readonly rules: readonly unknown[];
}

/** Finds the rules that were defined before, in the book. */
export function createCodeRules({ book, taken }: { book: Book; taken: ReadonlySet<string> }): CodeRules {
  const services = new Map<string, Kept>();
  /** By the text of the definition, so that a rule that did not change keeps what it has seen. */
  let made = new Map<string, Rule>();
  let rules: Rule[] = [];
  for (const [id, record] of book.memory) {
    if (id.startsWith(place)) services.set(id.slice(place.length), record.value as Kept);
  }
  rebuild();

  function rebuild(): RuleRefusal[] {
    const refused: RuleRefusal[] = [];
    const next = new Map<string, Rule>();
    const ids = new Set<string>();
    for (const { rules: list } of services.values()) {
      for (const value of list) {
        const problem = add(value, next, ids);
        if (problem) refused.push(problem);
      }
    }
    made = next;
    rules = [...next.values()];
    return refused;
  }

  function add(value: unknown, next: Map<string, Rule>, ids: Set<string>): RuleRefusal | undefined {
    const read = readRule(value);
    const id = idOf(value);
    if ('problems' in read) return { id, problems: read.problems };
    if (taken.has(read.rule.id)) return { id, problems: [`id: ${id} stands in the configuration, which wins`] };
    if (ids.has(read.rule.id)) return { id, problems: [`id: another rule in code is called ${id}`] };
    if (!read.rule.enabled) return undefined;
    ids.add(read.rule.id);
    const text = JSON.stringify(read.rule);
    next.set(text, made.get(text) ?? createRule(read.rule, 'code'));
    return undefined;
  }

  return {
    get rules() {
      return rules;
    },
    define({ service, startedAt, uptimeMs, rules: list }) {
      const record = { id: place + service, value: undefined as unknown };
      const before = services.get(service);
      if (before && before.startedAt > startedAt) return { changed: false, refused: [], record };
      if (!before && list.length === 0) return { changed: false, refused: [], record };
      const whole = uptimeMs < settlingMs ? withEarlier(list, before?.rules ?? []) : list;
      const kept: Kept = { startedAt, rules: whole.slice(0, mostRules) };
      record.value = kept;
      if (before && JSON.stringify(before.rules) === JSON.stringify(kept.rules)) {
        services.set(service, kept);
        return { changed: false, refused: [], record };
      }
      if (!before && services.size >= mostServices) {
        return {
          changed: false,
          refused: [{ id: '', problems: [`more than ${mostServices} services define rules`] }],
          record,
        };
      }
      services.set(service, kept);
      const refused = rebuild();
      if (list.length > mostRules) refused.push({ id: '', problems: [`more than ${mostRules} rules of one service`] });
      return { changed: true, refused, record };
    },
  };
}

/** The list, and those of the earlier one whose ids are not in it. */
function withEarlier(list: readonly unknown[], earlier: readonly unknown[]): unknown[] {
  const ids = new Set(list.map(idOf));
  return [...list, ...earlier.filter((each) => !ids.has(idOf(each)))];
}

function idOf(value: unknown): string {
  return String((value as { id?: unknown } | null)?.id ?? '');
}
