import type { FallbackReport } from '../../model/pool.ts';
import { MonitorError } from '../../model/problem.ts';
import type { AgentCore } from '../core.ts';
import { type ConnectionOf, type FallbackEntry, readEntries } from './entry.ts';
import { Fallback, type FallbackOptions } from './fallback.ts';

/** Chains that are reported; one made for each request must not become a leak here. */
const mostChains = 50;

interface Register {
  readonly chains: Set<Fallback<unknown>>;
  farewells: FallbackReport[];
}

const registers = new WeakMap<AgentCore, Register>();

/** Makes a chain and reports about it with this agent. @throws MonitorError `bad-argument` */
export function makeFallback<const E extends readonly FallbackEntry[]>(
  core: AgentCore,
  entries: E,
  options: FallbackOptions = {},
): Fallback<ConnectionOf<E[number]>> {
  for (const key of ['failureThreshold', 'resetSeconds', 'connectTimeoutMs'] as const) {
    const value = options[key];
    if (value !== undefined && !(typeof value === 'number' && value > 0 && Number.isFinite(value)))
      throw new MonitorError('bad-argument', `createFallback: ${key} must be a number above 0, not ${String(value)}`);
  }
  const register = registerOf(core);
  const fallback = new Fallback<ConnectionOf<E[number]>>(
    readEntries(entries),
    options,
    () => core.settings.database_monitoring,
    (self) => {
      if (register.chains.delete(self as Fallback<unknown>)) register.farewells.push(self.take(true));
    },
  );
  if (register.chains.size < mostChains) register.chains.add(fallback as Fallback<unknown>);
  else core.warn(`more than ${mostChains} fallback chains: "${fallback.name}" works, but is not shown`);
  return fallback;
}

function registerOf(core: AgentCore): Register {
  const known = registers.get(core);
  if (known) return known;
  const register: Register = { chains: new Set(), farewells: [] };
  registers.set(core, register);
  core.parts.push(() => {
    const fallbacks = [...register.farewells, ...[...register.chains].map((chain) => chain.take(false))];
    register.farewells = [];
    return fallbacks.length > 0 ? { fallbacks } : {};
  });
  return register;
}
