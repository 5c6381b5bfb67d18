/** What the tests of drivers share: an agent that sends to nowhere, and what it would have sent. */
import type { PoolReport } from '../../model/pool.ts';
import { Sketch } from '../../model/sketch.ts';
import { type DatabaseFacts, defaultAgentSettings } from '../agent-settings.ts';
import { AgentCore } from '../core.ts';
import { poolsOf, type WatchPoolOptions } from './registry.ts';

export interface Bench {
  readonly core: AgentCore;
  readonly warnings: string[];
  watch(pool: unknown, options?: WatchPoolOptions): () => void;
  /** What a batch would say now about the only pool, or about the one with this name. */
  report(name?: string): PoolReport;
  reports(): readonly PoolReport[];
  /** How often each statement ran, by its text, added up over all reports so far. */
  counts(): Record<string, { count: number; errors: number; rows: number }>;
  settings(facts: Partial<DatabaseFacts>): void;
}

/** An agent on a bench of its own. */
export function createBench(): Bench {
  const core = new AgentCore();
  const warnings: string[] = [];
  core.warn = (text) => void warnings.push(text);
  const totals: Record<string, { count: number; errors: number; rows: number }> = {};
  const reports = () => {
    const all = core.parts.flatMap((part) => part().pools ?? []);
    for (const { text, durations, errors, rows } of all.flatMap(({ statements }) => statements)) {
      totals[text] ??= { count: 0, errors: 0, rows: 0 };
      totals[text].count += Sketch.decode(durations).count;
      totals[text].errors += errors;
      totals[text].rows += rows;
    }
    return all;
  };
  return {
    core,
    warnings,
    reports,
    watch: (pool, options) => poolsOf(core).watch(pool, options),
    report(name) {
      const found = reports().find((one) => name === undefined || one.name === name);
      if (!found) throw new Error(`no report of pool ${name ?? ''}`);
      return found;
    },
    counts() {
      reports();
      return totals;
    },
    settings(facts) {
      core.apply({
        ...defaultAgentSettings,
        database_monitoring: { ...defaultAgentSettings.database_monitoring, ...facts },
      });
    },
  };
}
