import type { Clock } from '../model/clock.ts';
import { formatDuration } from '../model/duration.ts';
import type { Emit } from '../model/event.ts';
import type { JournalEntry } from '../model/journal.ts';
import type { ProgressRun } from '../model/progress.ts';
import { estimateProgress, stallAfterMs } from '../model/progress-estimate.ts';
import type { StateStore } from '../model/store.ts';
import type { Agents } from './agents.ts';
import type { PendingChanges } from './pending.ts';

/** A process may be silent for this long, also after a restart of the monitor, before its jobs count as abandoned. */
const graceMs = 120_000;
const mostOpen = 500;

export interface ProgressRunsOptions {
  readonly state: StateStore;
  readonly pending: PendingChanges;
  readonly agents: Agents;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly journal: (entry: Omit<JournalEntry, 'id' | 'at'>) => void;
  /** True when the process of an instance certainly does not exist any more. */
  readonly isDead: (instance: string) => boolean;
}

/** Follows batch jobs: what they say, and what they do not say any more (stalled, abandoned). */
export class ProgressRuns {
  readonly #options: ProgressRunsOptions;
  readonly #open = new Map<string, { run: ProgressRun; heardAt: number }>();
  #startedAt: number;

  constructor(options: ProgressRunsOptions) {
    this.#options = options;
    this.#startedAt = options.clock.monotonic();
  }

  /** Finds the runs again that were open when the monitor ended. */
  async start(): Promise<void> {
    this.#startedAt = this.#options.clock.monotonic();
    const open = await this.#options.state.find('progress_runs', {
      where: { state: ['running', 'paused', 'stalled'] },
      limit: mostOpen,
    });
    for (const run of open) this.#open.set(run.id, { run, heardAt: this.#startedAt });
    this.tick();
  }

  add(run: ProgressRun): void {
    const known = this.#open.get(run.id);
    // Totals never go back: what comes late or twice says nothing new.
    if (known && run.updatedAt < known.run.updatedAt) return;
    const begins = !known;
    const ended = run.state === 'done' || run.state === 'failed';
    if (ended) this.#open.delete(run.id);
    else this.#open.set(run.id, { run, heardAt: this.#options.clock.monotonic() });
    if (this.#open.size > mostOpen) {
      const oldest = this.#open.keys().next().value;
      if (oldest !== undefined) this.#open.delete(oldest);
    }
    this.#keep(run);
    if (begins && !ended) this.#tell('info', run, 'began');
    if (run.state === 'done') this.#tell('info', run, `is done: ${run.processedItems} items in ${this.#took(run)}`);
    if (run.state === 'failed')
      this.#tell('error', run, `failed after ${this.#took(run)}${run.message ? `: ${run.message}` : ''}`);
  }

  /** Once a second: who has been silent for too long, whose process is gone. */
  tick(): void {
    const { clock } = this.#options;
    const now = clock.monotonic();
    for (const [id, { run, heardAt }] of this.#open) {
      if (this.#isAbandoned(run, now)) {
        this.#open.delete(id);
        const ended: ProgressRun = { ...run, state: 'abandoned', endedAt: run.updatedAt };
        this.#keep(ended);
        this.#tell('error', ended, 'was abandoned: its process is gone');
      } else if (run.state === 'running' && now - heardAt > stallAfterMs(run)) {
        const stalled: ProgressRun = { ...run, state: 'stalled' };
        this.#open.set(id, { run: stalled, heardAt });
        this.#keep(stalled);
        this.#tell('warning', stalled, `has stalled: no update for ${formatDuration(now - heardAt)}`);
      }
    }
  }

  /** A network that is down for a minute does not end a job; a process that has ended does. */
  #isAbandoned(run: ProgressRun, now: number): boolean {
    const process = this.#options.agents.whereabouts(run.instance);
    if (process?.ended || this.#options.isDead(run.instance)) return true;
    return (process?.silentMs ?? now - this.#startedAt) > graceMs;
  }

  #keep(run: ProgressRun): void {
    this.#options.pending.put('progress_runs', run);
    this.#options.emit({ type: 'progress', run });
  }

  #took(run: ProgressRun): string {
    return formatDuration(estimateProgress(run, this.#options.clock.now()).elapsedSeconds * 1000);
  }

  #tell(severity: JournalEntry['severity'], run: ProgressRun, what: string): void {
    this.#options.journal({
      kind: 'job',
      severity,
      text: `${run.name} ${what}.`,
      about: { run: run.id, job: run.name },
    });
  }
}
