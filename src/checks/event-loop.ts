import type { Check, CheckOutcome } from '../model/check.ts';
import type { Clock } from '../model/clock.ts';
import { formatDuration } from '../model/duration.ts';
import type { AgentState, AgentsView } from '../model/signal.ts';

/** A blocked application must be noticed while it is blocked: looking costs nothing, the numbers are at hand. */
const intervalMs = 2000;
/** So long a process that said goodbye is still shown, as an orderly end. */
const farewellMs = 30_000;

/** One check for each application process that reports here. They come and go with the processes. */
export function eventLoopChecks(options: {
  readonly agents: AgentsView;
  readonly blockedMs: number;
  readonly clock: Clock;
}): () => readonly Check[] {
  const { agents, clock } = options;
  const known = new Map<string, Check>();
  return () => {
    const present = agents.all().filter((one) => one.state !== 'gone' || clock.now() - one.lastSeenAt < farewellMs);
    const instances = new Set(present.map((one) => one.source.instance));
    for (const instance of known.keys()) if (!instances.has(instance)) known.delete(instance);
    for (const one of present) {
      if (!known.has(one.source.instance)) known.set(one.source.instance, eventLoopCheck(one, options));
    }
    return [...known.values()];
  };
}

function eventLoopCheck(
  { source }: AgentState,
  options: { readonly agents: AgentsView; readonly blockedMs: number },
): Check {
  const { agents, blockedMs } = options;
  return {
    info: {
      id: `app:${source.instance}`,
      kind: 'event-loop',
      component: 'application',
      name: `${source.service} (pid ${source.pid})`,
      target: `${source.service} on ${source.host}`,
      intervalMs,
      timeoutMs: 1000,
      explanation:
        'Tells whether the application’s event loop turns. While it is blocked the application answers nobody, although the process lives.',
    },
    run: async () =>
      judge(
        agents.all().find((one) => one.source.instance === source.instance),
        blockedMs,
      ),
  };
}

function judge(agent: AgentState | undefined, blockedMs: number): CheckOutcome {
  if (!agent) return { status: 'unknown', reason: 'this process does not report any more', seen: {} };
  const { vitals, silentMs, source } = agent;
  const seen = {
    service: source.service,
    instance: source.instance,
    state: agent.state,
    silent_ms: silentMs,
    ...(vitals
      ? {
          event_loop_delay_p99_seconds: vitals.eventLoopDelay.p99,
          event_loop_delay_max_seconds: vitals.eventLoopDelay.max,
          event_loop_utilization_ratio: vitals.eventLoopUtilization,
        }
      : {}),
  };
  if (agent.state === 'gone') return { status: 'ok', reason: 'the process ended in an orderly way', seen };
  if (agent.state === 'lost')
    return { status: 'error', reason: `no word from it for ${formatDuration(silentMs)}`, seen };
  const condition = {
    condition: `the event loop turns at least every ${formatDuration(blockedMs)}`,
    met: silentMs <= blockedMs,
    seen: silentMs > 0 ? `silent for ${formatDuration(silentMs)}` : 'turning',
    severity: 'error' as const,
  };
  return {
    status: condition.met ? 'ok' : 'error',
    reason: condition.met ? 'the event loop turns' : `the event loop has been blocked for ${formatDuration(silentMs)}`,
    seen,
    conditions: [condition],
  };
}
