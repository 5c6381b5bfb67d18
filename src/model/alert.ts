import type { Labels, Matcher } from './sample.ts';
import type { Severity } from './severity.ts';

/** The life of an alert episode. */
export type EpisodeState = 'pending' | 'firing' | 'resolved';

/**
 * One occurrence of a problem, from the first bad observation to its end.
 * Identity is the rule plus the labels (`fingerprint`); the value is never part of it.
 */
export interface Episode {
  /** Unique id of this occurrence; receivers see it as `alert_id`. */
  readonly id: string;
  /** Identity of the problem: stays the same when it comes back as another episode. */
  readonly fingerprint: string;
  /** Id of the rule that made it; `manual` for alerts raised by hand. */
  readonly rule: string;
  /** The predecessor's word, e.g. `high_cpu_usage`. */
  readonly alertType: string;
  /** The component it comes from, e.g. `system`, `database`, `api`. */
  readonly source: string;
  readonly labels: Labels;
  readonly state: EpisodeState;
  readonly severity: Severity;
  /** What is wrong, in one sentence. */
  readonly message: string;
  /** Why it is in this state, e.g. `3 failures in a row (limit 3)`. */
  readonly reason: string;
  readonly value?: number;
  readonly threshold?: number;
  /** Unit of `value` and `threshold` for display, e.g. `percent`, `ms`. */
  readonly unit?: string;
  /** The series whose chart explains it, if there is one. */
  readonly series?: { readonly name: string; readonly labels: Labels };
  readonly context: Readonly<Record<string, unknown>>;
  /** Texts of the rule, e.g. `summary`, filled in with the newest figures. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Address of what to do about it. */
  readonly runbook?: string;
  /** Epoch ms of the first bad observation. */
  readonly startedAt: number;
  readonly firedAt?: number;
  readonly resolvedAt?: number;
  /** Epoch ms of the newest observation that confirmed it. */
  readonly lastSeenAt: number;
  readonly acknowledged?: Acknowledgement;
  /** Set while a silence covers it: the silence's id. */
  readonly silencedBy?: string;
  /** Why nobody is told of it now; on a resolved episode why nobody was told at its end. Absent when nothing holds it back. */
  readonly holds?: readonly Hold[];
  /** Set while the problem comes and goes too often to tell each time: epoch ms since when. */
  readonly flappingSince?: number;
  /** True when somebody was told that it fires (then a resolved message is owed). */
  readonly notified: boolean;
  /** For each channel that was told: the highest severity it heard of. */
  readonly told?: Readonly<Record<string, Severity>>;
  /** How far the escalation has come, if one speaks of this alert. */
  readonly escalation?: EscalationState;
  /** For each channel that was told in a summary: the id of the bundle of alerts that the summary speaks for. */
  readonly toldIn?: Readonly<Record<string, string>>;
  /** Epoch ms of the newest message that was owed about it. */
  readonly toldAt?: number;
  /** What the rule has counted so far; lives in the episode so that it survives a crash. */
  readonly tally?: EpisodeTally;
}

/** Where an episode stands in its escalation; stored with it, so that a crash neither repeats nor skips a step. */
export interface EscalationState {
  readonly name: string;
  /** Epoch ms when this round began. */
  readonly startedAt: number;
  /** Rounds that were gone through before, 0 in the first. */
  readonly round: number;
  /** Index of the step that comes next; the number of steps when all were taken. */
  readonly next: number;
  readonly steps: number;
  /** Epoch ms of the next step; undefined when nobody else will be told. */
  readonly nextAt?: number;
}

/** Somebody looks after it: reminders stop until it ends or, with `until`, until then. */
export interface Acknowledgement {
  readonly at: number;
  readonly by: string;
  readonly note: string;
  /** Epoch ms when it lapses and the alert is told again. Without it it lasts as long as the alert. */
  readonly until?: number;
}

/** What keeps an alert from being told. `grouped` and `storm` only wait for the next summary. */
export type HoldKind = 'silenced' | 'maintenance' | 'inhibited' | 'quiet-hours' | 'flapping' | 'grouped' | 'storm';

/** One reason why nobody is told of an alert. */
export interface Hold {
  readonly kind: HoldKind;
  /** What holds it: the id of a silence or an episode, the name of a window, the key of a group. */
  readonly by: string;
  /** The reason in words. */
  readonly text: string;
  /** Epoch ms. */
  readonly since: number;
  /** Epoch ms when it ends by itself, as far as that is known. */
  readonly until?: number;
}

/** The counts that decide about the next step of an episode. */
export interface EpisodeTally {
  /** Bad observations in a row. */
  readonly bad: number;
  /** Good observations in a row. */
  readonly good: number;
  /** Bad observations in a row that were worse than the episode's severity. */
  readonly worse: number;
  /** Bad observations in a row that were milder than the episode's severity. */
  readonly milder: number;
  /** Epoch ms of the first good observation since the last bad one. */
  readonly clearSince?: number;
  /** For rules that count among the last few observations: `1` bad, `0` good, newest last. */
  readonly recent?: string;
}

/** One step in an episode's life, kept for ever with its reason. */
export interface Transition {
  readonly id: string;
  readonly episodeId: string;
  readonly at: number;
  readonly kind:
    | 'pending'
    | 'firing'
    | 'escalated'
    | 'deescalated'
    | 'resolved'
    | 'forgotten'
    | 'acknowledged'
    | 'unacknowledged'
    | 'passed_on'
    | 'silenced'
    | 'unsilenced'
    | 'held'
    | 'released'
    | 'flapping'
    | 'settled'
    | 'reminded';
  readonly severity: Severity;
  readonly reason: string;
  readonly value?: number;
  /** Who did it, for steps taken by a person. */
  readonly by?: string;
}

/** Keeps matching alerts from telling anybody, until it ends. The alerts themselves are still recorded. */
export interface Silence {
  readonly id: string;
  readonly matchers: readonly Matcher[];
  readonly createdAt: number;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly createdBy: string;
  readonly comment: string;
  /** With a schedule it is in force only in the schedule's windows between `startsAt` and `endsAt`. */
  readonly schedule?: Recurrence;
  /** It ends by itself when every alert that it covered is over. */
  readonly untilResolved?: boolean;
  /** True once it has covered an alert. */
  readonly used?: boolean;
}

/** A window that comes again. */
export interface Recurrence {
  /** When it begins: five fields of cron, e.g. `0 2 * * 6`. */
  readonly cron: string;
  readonly durationMs: number;
  /** Name of the time zone that the pattern is read in, e.g. `Europe/Berlin`. */
  readonly timeZone: string;
}

/** A silence as somebody wants it. Without `durationMs` it must have `untilResolved` or a schedule, and lasts a year at most. */
export interface SilenceRequest {
  readonly matchers: readonly Matcher[];
  readonly durationMs?: number;
  /** Epoch ms. @default now */
  readonly startsAt?: number;
  readonly schedule?: Recurrence;
  readonly untilResolved?: boolean;
  readonly createdBy: string;
  readonly comment: string;
}

/** What to change of a silence; what is left out stays. */
export interface SilenceChange {
  readonly matchers?: readonly Matcher[];
  readonly endsAt?: number;
  readonly schedule?: Recurrence;
  readonly comment?: string;
}

/** What keeps the alerts in general from being told one by one, as it stands now. */
export interface NoiseState {
  /** The storm that goes on: since when, and how many alerts it has told of in summaries. */
  readonly storm?: { readonly since: number; readonly alerts: number };
  /** Quiet hours and maintenance windows that are open now. */
  readonly windows: readonly {
    readonly kind: 'quiet-hours' | 'maintenance';
    readonly name: string;
    readonly until: number;
  }[];
  /** Fingerprints of the problems that flap. */
  readonly flapping: readonly string[];
  /** Episodes that wait for the next summary. */
  readonly waiting: number;
}

/** What the other rooms may ask of the alert engine. Every promise resolves after the change is durable. */
export interface AlertsView {
  /** Episodes that are pending or firing now, worst first. */
  active(): readonly Episode[];
  /** Silences that have not ended, soonest end first. */
  silences(): readonly Silence[];
  /** Whether a silence keeps anybody quiet now: it has begun, and its schedule is in one of its windows. */
  inForce(silence: Silence): boolean;
  silence(request: SilenceRequest): Promise<Silence>;
  /** Changes a silence that has not ended; undefined when there is no such silence. */
  changeSilence(id: string, change: SilenceChange, by: string): Promise<Silence | undefined>;
  /** The active episodes that matchers choose: what a silence would cover if it were made now. */
  matching(matchers: readonly Matcher[]): readonly Episode[];
  /** Ends one silence. False when there is no such silence. */
  unsilence(id: string, by: string): Promise<boolean>;
  /** Notes that somebody looks after it, for `forMs` or until its end. */
  acknowledge(episodeId: string, by: string, note: string, forMs?: number): Promise<Episode | undefined>;
  /** Takes an acknowledgement back: the alert is told again. */
  unacknowledge(episodeId: string, by: string, note?: string): Promise<Episode | undefined>;
  /** Raises an alert by hand; the same type, source and labels again refreshes the episode instead of doubling it. */
  raise(alert: ManualAlert): Promise<Episode>;
  /** Resolves alerts raised by hand. Returns how many. */
  resolve(alertType: string, source?: string, labels?: Labels): Promise<number>;
  /** The rules in force, for people. */
  rules(): readonly RuleInfo[];
  noise(): NoiseState;
  /**
   * Takes over the rules that a service defines in its code; its earlier ones go. Rules that cannot be used are named in the answer
   * and change nothing. Lists of processes that are older than the one heard last are not taken.
   */
  defineRules(definition: RulesInCode): Promise<readonly RuleRefusal[]>;
  /**
   * Runs a rule (as it stands in a configuration) over the stored history. Throws MonitorError `bad-argument` for a rule that cannot
   * be used, with every problem in the hint.
   */
  preview(
    rule: unknown,
    span: { readonly from: number; readonly to: number },
    signal?: AbortSignal,
  ): Promise<RulePreview>;
}

/** The rules that one process defines. */
export interface RulesInCode {
  readonly service: string;
  /** When the process started: of two releases that run side by side the newer one decides. */
  readonly startedAt: number;
  /** How long the process has been running: one that has just begun may not have defined all its rules yet. */
  readonly uptimeMs: number;
  readonly rules: readonly unknown[];
}

/** A rule that was not taken, and why. */
export interface RuleRefusal {
  readonly id: string;
  readonly problems: readonly string[];
}

/** When a rule would have fired. */
export interface RulePreview {
  readonly rule: RuleInfo;
  readonly from: number;
  readonly to: number;
  /** How many times the rule was evaluated, and how many times it would have been if the monitor had always run. */
  readonly evaluations: number;
  readonly expectedEvaluations: number;
  /** The coarsest data that was read; `none` when there was nothing to read. */
  readonly tier: 'raw' | 'minute' | 'hour' | 'events' | 'none';
  /** Alerts that would have fired, oldest first. */
  readonly episodes: readonly PreviewEpisode[];
  /** How many times the condition was met, but not for long enough. */
  readonly passedOver: number;
  /** Alerts beyond the rule's limit. */
  readonly overflow: number;
  /** The value over time, thinned out, of the label sets that were worst. */
  readonly lines: readonly {
    readonly labels: Labels;
    readonly at: readonly number[];
    readonly values: readonly number[];
  }[];
  /** What should be known about the answer. */
  readonly notes: readonly string[];
}

/** An alert that would have been. */
export interface PreviewEpisode {
  readonly labels: Labels;
  /** The worst severity it had. */
  readonly severity: Severity;
  readonly startedAt: number;
  readonly firedAt: number;
  /** Absent when it would fire still. */
  readonly resolvedAt?: number;
  /** The most extreme value while it fired. */
  readonly peak?: number;
  readonly message: string;
  readonly reason: string;
}

/** An alert that code raises by itself. */
export interface ManualAlert {
  readonly alertType: string;
  readonly message: string;
  readonly source: string;
  readonly severity: Severity;
  readonly labels?: Labels;
  readonly context?: Readonly<Record<string, unknown>>;
}

/** Which alerts raised by hand are over. */
export interface AlertEnd {
  readonly alertType: string;
  readonly source?: string;
  /** Only alerts that have these labels, and maybe more. */
  readonly labels?: Labels;
}

/** A rule described for people. */
export interface RuleInfo {
  readonly id: string;
  readonly alertType: string;
  readonly source: string;
  /** The condition in words with its numbers, e.g. `CPU above 90 % (warning above 80 %)`. */
  readonly condition: string;
  readonly explanation: string;
  /** @default 'built-in' */
  readonly origin?: 'built-in' | 'configuration' | 'code';
  /** How often it looks by itself, ms; absent for rules that only answer to what happens. */
  readonly everyMs?: number;
  readonly runbook?: string;
  /** The rule as it was written. */
  readonly definition?: Readonly<Record<string, unknown>>;
  readonly state?: RuleState;
}

/** How a rule stands. */
export interface RuleState {
  /** `no-data`: it has nothing to judge; `error`: its evaluation failed. */
  readonly health: 'ok' | 'pending' | 'firing' | 'no-data' | 'error';
  /** Epoch ms. */
  readonly lastEvaluatedAt?: number;
  readonly lastError?: string;
  readonly firing: number;
  readonly pending: number;
  /** Label sets it judges. */
  readonly groups?: number;
  /** Alerts and series that found no room within the rule's limit, since the start. */
  readonly overflow?: number;
}
