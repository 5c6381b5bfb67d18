import type { AgentCore } from './core.ts';

let watching = false;

/**
 * Hears of uncaught exceptions and unhandled rejections before anybody handles them. `uncaughtExceptionMonitor` only listens: whether
 * the process ends, and with which code, stays as it was. Rejections arrive here too when they are about to end the process.
 */
export function watchUncaught(core: AgentCore): void {
  if (watching) return;
  watching = true;
  process.on('uncaughtExceptionMonitor', (error: unknown, origin: string) => {
    core.fault(error, { handled: false, context: { origin } });
  });
}
