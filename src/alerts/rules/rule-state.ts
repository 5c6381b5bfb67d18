import type { RuleInfo, RuleState } from '../../model/alert.ts';
import type { Book } from '../book.ts';
import type { Rule } from '../rule.ts';
import type { SeriesRule } from './series-rule.ts';

/** How many alerts of each rule are open. */
export type OpenCounts = ReadonlyMap<string, { firing: number; pending: number }>;

/** Counts the open alerts of every rule at once. */
export function countOpen(book: Book): OpenCounts {
  const counts = new Map<string, { firing: number; pending: number }>();
  for (const { rule, state } of book.open.values()) {
    let count = counts.get(rule);
    if (!count) {
      count = { firing: 0, pending: 0 };
      counts.set(rule, count);
    }
    if (state === 'firing') count.firing += 1;
    else count.pending += 1;
  }
  return counts;
}

/** A rule with how it stands now. */
export function infoOf(
  rule: Rule,
  { open, lookedAt, error }: { open: OpenCounts; lookedAt: number | undefined; error: string | undefined },
): RuleInfo {
  const { firing, pending } = open.get(rule.info.id) ?? { firing: 0, pending: 0 };
  const known = 'groups' in rule ? seriesState(rule as SeriesRule) : undefined;
  const blind = known !== undefined && lookedAt !== undefined && !known.sees;
  const health: RuleState['health'] =
    error !== undefined || known?.failed
      ? 'error'
      : firing > 0
        ? 'firing'
        : pending > 0
          ? 'pending'
          : blind
            ? 'no-data'
            : 'ok';
  const overflow = (known?.refused ?? 0) + ('overflow' in rule ? (rule as SeriesRule).overflow.alerts : 0);
  return {
    ...rule.info,
    state: {
      health,
      firing,
      pending,
      ...(lookedAt === undefined ? {} : { lastEvaluatedAt: lookedAt }),
      ...(error === undefined ? {} : { lastError: error }),
      ...(known === undefined ? {} : { groups: known.groups }),
      ...(overflow > 0 ? { overflow } : {}),
    },
  };
}

function seriesState({ groups }: SeriesRule): { groups: number; sees: boolean; failed: boolean; refused: number } {
  let sees = false;
  let failed = false;
  for (const group of groups.all) {
    if (group.verdict === 'good' || group.verdict === 'bad') sees = true;
    if (group.verdict === 'error') failed = true;
  }
  return { groups: groups.size, sees, failed, refused: groups.refused };
}
