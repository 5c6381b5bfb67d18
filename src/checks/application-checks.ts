import type { Check } from '../model/check.ts';
import type { AgentState, AgentsView, AnnouncedCheck } from '../model/signal.ts';
import { untilAborted } from './abort.ts';
import { judgeAnswer, silent, threw } from './custom-check.ts';

/** Has a check run in a process of an application. Rejects with the words of what it threw, or when no answer comes. */
export type RunInApplication = (agent: AgentState, check: string, timeoutMs: number) => Promise<unknown>;

/** The function may take its whole time; its answer needs a moment to come here. */
const wayBackMs = 50;

/**
 * One check for each that the applications have announced. The processes of one service share it: any of them that lives can run it, and its
 * id outlives them, so that its history does too.
 */
export function applicationChecks(options: {
  readonly agents: AgentsView;
  readonly runIn: RunInApplication;
}): () => readonly Check[] {
  const { agents, runIn } = options;
  const made = new Map<string, { readonly announced: string; readonly check: Check }>();
  return () => {
    const current = new Map<string, Check>();
    for (const agent of agents.all()) {
      if (agent.state === 'gone') continue;
      for (const one of agent.checks ?? []) {
        const id = `custom:${agent.source.service}:${one.name}`;
        if (current.has(id)) continue;
        const announced = JSON.stringify(one);
        const known = made.get(id);
        const check =
          known?.announced === announced ? known.check : applicationCheck(id, agent.source.service, one, agents, runIn);
        made.set(id, { announced, check });
        current.set(id, check);
      }
    }
    for (const id of made.keys()) if (!current.has(id)) made.delete(id);
    return [...current.values()];
  };
}

function applicationCheck(
  id: string,
  service: string,
  announced: AnnouncedCheck,
  agents: AgentsView,
  runIn: RunInApplication,
): Check {
  const { name, component, intervalMs, timeoutMs, explanation } = announced;
  return {
    info: {
      id,
      kind: 'function',
      component,
      name,
      target: `a function in ${service}`,
      intervalMs,
      timeoutMs,
      explanation: explanation || 'A function of the application says whether all is well.',
    },
    lasting: true,
    async run(signal) {
      const agent = chosen(agents, service, name);
      if (!agent)
        return { status: 'unknown', reason: `no process of ${service} that has this check reports any more`, seen: {} };
      const { instance } = agent.source;
      const blocked =
        agent.state === 'blocked'
          ? 'the application’s event loop is blocked'
          : 'waiting for the function in the application';
      try {
        const answer = await untilAborted(runIn(agent, name, Math.max(10, timeoutMs - wayBackMs)), signal);
        const outcome = judgeAnswer(answer);
        return { ...outcome, seen: { instance, ...outcome.seen } };
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        const late = signal.aborted || /^the app did not answer within/.test(message);
        const outcome = late ? silent(timeoutMs, blocked) : threw(message);
        return { ...outcome, seen: { instance, ...outcome.seen } };
      }
    },
  };
}

/** A process that lives; one that hangs is asked only when there is no other, because its silence is then the answer. */
function chosen(agents: AgentsView, service: string, name: string): AgentState | undefined {
  const able = agents
    .all()
    .filter(
      (one) =>
        one.source.service === service && one.state !== 'gone' && one.checks?.some((check) => check.name === name),
    );
  return able.find((one) => one.state === 'live') ?? able.find((one) => one.state === 'blocked') ?? able[0];
}
