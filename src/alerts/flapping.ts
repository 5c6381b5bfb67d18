/** How often a problem may come and go before each time is no longer told. */
export interface FlapSettings {
  /** Begins and ends within the window; 0 switches it off. */
  readonly changes: number;
  readonly windowMs: number;
  /** How long it must stay as it is to count as settled. */
  readonly settleMs: number;
}

/** What is kept of a problem that flaps, also across restarts. */
export interface Flap {
  readonly fingerprint: string;
  /** Epoch ms when it was called flapping, and of its newest change. */
  readonly since: number;
  readonly lastChangeAt: number;
  /** Changes so far, with those that led to it. */
  readonly changes: number;
}

/** Remembers when each problem began and ended, for the length of the window. */
export interface ChangeLog {
  /** Notes a begin or an end; gives the changes within the window, this one included. */
  note(fingerprint: string, at: number): number;
  /** Forgets what is older than the window. */
  prune(now: number): void;
  /** Moves every time along with a wall clock that jumped. */
  move(ms: number): void;
}

/** Makes the memory of changes. It lives in memory only: after a restart it is read from the transitions that are stored anyway. */
export function createChangeLog(windowMs: number): ChangeLog {
  const changes = new Map<string, number[]>();
  const recent = (times: readonly number[], now: number) => times.filter((at) => at > now - windowMs);
  return {
    note(fingerprint, at) {
      const times = [...recent(changes.get(fingerprint) ?? [], at), at];
      changes.set(fingerprint, times);
      return times.length;
    },
    prune(now) {
      for (const [fingerprint, times] of changes) {
        const left = recent(times, now);
        if (left.length === 0) changes.delete(fingerprint);
        else if (left.length < times.length) changes.set(fingerprint, left);
      }
    },
    move(ms) {
      for (const [fingerprint, times] of changes)
        changes.set(
          fingerprint,
          times.map((at) => at + ms),
        );
    },
  };
}

/** True when so many changes are flapping. The end has another measure, the quiet time: that is the hysteresis. */
export function flaps(changes: number, settings: FlapSettings): boolean {
  return settings.changes > 0 && changes >= settings.changes;
}

/** True when a problem that flapped has stayed as it is for long enough. */
export function hasSettled(flap: Flap, settings: FlapSettings, now: number): boolean {
  return now - flap.lastChangeAt >= settings.settleMs;
}
