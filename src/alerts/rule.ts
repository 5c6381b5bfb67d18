import type { Episode, RuleInfo } from '../model/alert.ts';
import type { CheckResult } from '../model/check.ts';
import type { ErrorGroup } from '../model/error.ts';
import type { FallbackState, PoolState } from '../model/pool.ts';
import type { ProgressRun } from '../model/progress.ts';
import type { Labels } from '../model/sample.ts';
import type { Severity } from '../model/severity.ts';
import type { AgentState } from '../model/signal.ts';

/** Something the monitor saw, as the rules read it. */
export type Observation =
  | { readonly kind: 'check'; readonly result: CheckResult }
  | { readonly kind: 'progress'; readonly run: ProgressRun }
  | { readonly kind: 'agent'; readonly agent: AgentState }
  | { readonly kind: 'pool'; readonly pool: PoolState }
  | { readonly kind: 'fallback'; readonly fallback: FallbackState }
  | { readonly kind: 'delivery'; readonly channel: string; readonly delivered: boolean; readonly summary: string }
  | {
      readonly kind: 'error';
      readonly group: ErrorGroup;
      /** `seen`: once more; `state`: somebody resolved, ignored or opened it. */
      readonly what: 'new' | 'regressed' | 'seen' | 'state';
      readonly events: number;
    }
  | { readonly kind: 'store'; readonly problem: string | undefined };

/**
 * What a rule makes of an observation, for one identity.
 * `unknown` changes nothing: an alert that fires goes on firing, nothing new begins. `over` ends it at once, because its subject is gone.
 */
export interface Finding {
  /** Identity within the rule. */
  readonly labels: Labels;
  readonly verdict: 'bad' | 'good' | 'unknown' | 'over';
  /** How bad; read only when the verdict is `bad`. */
  readonly severity: Severity;
  /** What is wrong (or right again), in one sentence. */
  readonly message: string;
  /** The ground of the verdict, with its numbers. */
  readonly reason: string;
  readonly value?: number;
  readonly threshold?: number;
  readonly unit?: string;
  readonly series?: Episode['series'];
  readonly context?: Readonly<Record<string, unknown>>;
  /** The rule's own texts, filled in. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Address of what to do about it. */
  readonly runbook?: string;
}

/** How patient a rule is. */
export interface Policy {
  /** Bad observations in a row before it fires, and before its severity rises. */
  readonly failures: number;
  /** With it `failures` need not follow each other: so many bad ones among the last `outOf` are enough. */
  readonly outOf?: number;
  /** Good (or milder) observations in a row before it is resolved (or its severity falls). */
  readonly recoveries: number;
  /** How long it must have been bad before it fires. */
  readonly forMs: number;
  /** How long it must have been good before it is resolved. */
  readonly keepFiringForMs: number;
  /** While it is pending, a silence between two observations longer than this is not counted as bad time: nobody was looking. */
  readonly mostGapMs?: number;
}

/** What a rule may look up while it reads an observation. */
export interface RuleDesk {
  /** Epoch ms. */
  readonly now: number;
  /** Severity of the open episode with these labels, if there is one: hysteresis depends on it. */
  severityOf(labels: Labels): Severity | undefined;
  /** The open episode with this identity. */
  openEpisode(fingerprint: string): Episode | undefined;
  /** Epoch ms since when the monitor has been looking without a break. */
  readonly awakeSince: number;
  /**
   * What the rule remembered last, also across restarts. A rule with many subjects keeps a part for each, by its id, so that
   * remembering one does not write all.
   */
  recall(part?: string): unknown;
  /** The parts of which something is remembered. */
  parts(): readonly string[];
  /** Remembers a small JSON value, in the same transaction as the findings; undefined forgets it. */
  remember(value: unknown, part?: string): void;
}

/** A condition that is watched. */
export interface Rule {
  readonly info: RuleInfo;
  readonly policy: Policy;
  /** Pure apart from the desk. Gives no findings for observations that are not its business. */
  read(observation: Observation, desk: RuleDesk): readonly Finding[];
  /** The kinds of observations it reads; all when it does not say. */
  readonly reads?: readonly Observation['kind'][];
  /** For rules that time alone can change: how often they look by themselves. */
  readonly byClock?: ByClock;
}

/** How a rule looks by itself, at whole multiples of `everyMs`. */
export interface ByClock {
  readonly everyMs: number;
  /** What it finds for the moment `at` (epoch ms); things that are well and have no alert need not be told. */
  look(at: number, desk: RuleDesk): readonly Finding[];
  /** The clock was set back to `now`: whatever lies ahead of it is forgotten. */
  turnedBack?(now: number): void;
}
