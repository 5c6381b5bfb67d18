import type { Clock } from '../model/clock.ts';
import { formatDuration } from '../model/duration.ts';
import type { JournalEntry } from '../model/journal.ts';
import type { AgentState, AgentsView, AnnouncedCheck, ProcessVitals, Source } from '../model/signal.ts';

/** A process of this machine, silent for longer than this, is blocked. Beats come every second. */
const blockedAfterMs = 2000;
/** The same over HTTP, where a slow network must not look like a blocked event loop. */
const remoteBlockedAfterMs = 15_000;
const lostAfterMs = 30_000;
/** Processes that ended stay in view for an hour. */
const forgetAfterMs = 3_600_000;
const mostAgents = 500;

interface Agent {
  readonly source: Source;
  readonly firstSeenAt: number;
  lastSeenAt: number;
  /** On the monotonic clock. */
  heardAt: number;
  sequence: number;
  said: boolean;
  lost: boolean;
  vitals: ProcessVitals | undefined;
  checks: readonly AnnouncedCheck[];
  readonly dropped: Record<string, number>;
}

export interface AgentsOptions {
  readonly clock: Clock;
  /** The host name of this monitor. */
  readonly host: string;
  readonly pid: number;
  /** True while a process of this machine exists. */
  readonly isAlive: (pid: number) => boolean;
  readonly journal: (entry: Omit<JournalEntry, 'id' | 'at'>) => void;
}

/** Knows every process that reports: who it is, when it was heard, what is missing, whether it hangs. */
export class Agents implements AgentsView {
  readonly #options: AgentsOptions;
  readonly #agents = new Map<string, Agent>();
  #lastTick: number;

  constructor(options: AgentsOptions) {
    this.#options = options;
    this.#lastTick = options.clock.monotonic();
  }

  /**
   * Notes a batch. `false` when it was here before (sent twice); a gap in the sequence is counted as lost batches.
   * A sequence that starts again is a channel that starts again, not a repetition.
   */
  heard(source: Source, sequence: number): boolean {
    const { clock } = this.#options;
    let agent = this.#agents.get(source.instance);
    if (!agent) {
      agent = this.#add(source, sequence);
    } else {
      if (sequence <= agent.sequence) return false;
      const missing = sequence - agent.sequence - 1;
      if (missing > 0) this.#drop(agent, 'batches', missing);
      agent.sequence = sequence;
      if (agent.lost || agent.said) this.#tell('app-started', 'info', agent, 'reports again');
    }
    agent.lost = false;
    agent.said = false;
    agent.heardAt = clock.monotonic();
    agent.lastSeenAt = clock.now();
    return true;
  }

  note(instance: string, vitals: ProcessVitals | undefined, dropped: Readonly<Record<string, number>>): void {
    const agent = this.#agents.get(instance);
    if (!agent) return;
    if (vitals) agent.vitals = vitals;
    for (const [kind, amount] of Object.entries(dropped)) this.#drop(agent, kind, amount);
  }

  /** The newest word about which checks of its own a process has. */
  announce(instance: string, checks: readonly AnnouncedCheck[]): void {
    const agent = this.#agents.get(instance);
    if (agent) agent.checks = checks;
  }

  goodbye(instance: string): void {
    const agent = this.#agents.get(instance);
    if (!agent || agent.said) return;
    agent.said = true;
    this.#tell('app-stopped', 'info', agent, 'stopped in an orderly way');
  }

  /** Whether a process may still have work under way: it ended in an orderly way, or how long it has been silent (ms); undefined when it was never heard. */
  whereabouts(instance: string): { readonly ended: boolean; readonly silentMs: number } | undefined {
    const agent = this.#agents.get(instance);
    return agent && { ended: agent.said, silentMs: this.#silent(agent) };
  }

  all(): readonly AgentState[] {
    return [...this.#agents.values()].map((agent) => {
      const state = this.#state(agent);
      return {
        source: agent.source,
        firstSeenAt: agent.firstSeenAt,
        lastSeenAt: agent.lastSeenAt,
        state,
        silentMs: state === 'live' ? 0 : Math.round(this.#silent(agent)),
        ...(agent.vitals ? { vitals: agent.vitals } : {}),
        dropped: { ...agent.dropped },
        ...(agent.checks.length > 0 ? { checks: agent.checks } : {}),
      };
    });
  }

  /** Once a second: notices who got lost, forgets who left long ago. */
  tick(): void {
    const now = this.#options.clock.monotonic();
    const late = now - this.#lastTick - 1000;
    this.#lastTick = now;
    // The monitor itself stood still (machine suspended, processor starved): nobody else is to blame for that time.
    if (late > 2000) for (const agent of this.#agents.values()) agent.heardAt += late;
    for (const agent of this.#agents.values()) {
      const silent = this.#silent(agent);
      if (!agent.lost && !agent.said && this.#state(agent) === 'lost') {
        agent.lost = true;
        this.#tell('app-lost', 'error', agent, `has not been heard for ${formatDuration(silent)}`);
      }
      if ((agent.said || agent.lost) && silent > forgetAfterMs) this.#agents.delete(agent.source.instance);
    }
  }

  #state(agent: Agent): AgentState['state'] {
    if (agent.said) return 'gone';
    if (agent.lost) return 'lost';
    const silent = this.#silent(agent);
    const { host, pid, isAlive } = this.#options;
    if (agent.source.host === host && agent.source.pid === pid) return silent > blockedAfterMs ? 'blocked' : 'live';
    if (agent.source.host !== host) return silent > lostAfterMs ? 'lost' : 'live';
    if (silent <= blockedAfterMs) return 'live';
    if (!isAlive(agent.source.pid)) return 'lost';
    return silent > remoteBlockedAfterMs ? 'blocked' : 'live';
  }

  #silent(agent: Agent): number {
    return this.#options.clock.monotonic() - agent.heardAt;
  }

  #add(source: Source, sequence: number): Agent {
    const { clock } = this.#options;
    if (this.#agents.size >= mostAgents) this.#forgetOldest();
    const agent: Agent = {
      source,
      firstSeenAt: clock.now(),
      lastSeenAt: clock.now(),
      heardAt: clock.monotonic(),
      sequence,
      said: false,
      lost: false,
      vitals: undefined,
      checks: [],
      dropped: {},
    };
    this.#agents.set(source.instance, agent);
    this.#tell('app-started', 'info', agent, 'reports');
    return agent;
  }

  #forgetOldest(): void {
    const oldest = [...this.#agents.values()].sort((a, b) => a.heardAt - b.heardAt)[0];
    if (oldest) this.#agents.delete(oldest.source.instance);
  }

  #drop(agent: Agent, kind: string, amount: number): void {
    if (kind in agent.dropped || Object.keys(agent.dropped).length < 40)
      agent.dropped[kind] = (agent.dropped[kind] ?? 0) + amount;
  }

  #tell(kind: JournalEntry['kind'], severity: JournalEntry['severity'], agent: Agent, what: string): void {
    const { service, host, pid, release, instance } = agent.source;
    const text = `${service}${release ? ` ${release}` : ''} ${what} (process ${pid} on ${host}).`;
    this.#options.journal({ kind, severity, text, about: { instance, service } });
  }
}
