import type { ServerFacts } from './kind.ts';
import type { StatementCount, Window } from './window.ts';

const shown = 10;

/** The statements that took the most time since the pass before, and the ids of those whose texts are not known yet. */
export function topStatements(
  counts: readonly StatementCount[],
  complete: boolean,
  window: Window,
): { readonly statements: NonNullable<ServerFacts['statements']>; readonly unknown: readonly string[] } | undefined {
  const top = window.used(counts, complete)?.slice(0, shown);
  if (!top || window.seconds === undefined) return undefined;
  return {
    statements: {
      window_seconds: window.seconds,
      list: top.map(({ id, calls, totalMs }) => ({
        statement: window.texts.get(id) ?? `statement ${id} (its text comes with the next pass)`,
        calls,
        total_ms: totalMs,
        mean_ms: totalMs / calls,
      })),
    },
    unknown: top.map(({ id }) => id).filter((id) => window.texts.get(id) === undefined),
  };
}
