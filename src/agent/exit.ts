/** The end of the process: what must happen then, without changing when or how the process ends. */

const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/**
 * Calls `last` once, synchronously, when the process ends: by itself, by `process.exit`, by an uncaught exception, or by a signal.
 *
 * A signal that nobody handles still kills the process, with the same signal: our listener takes itself away and sends it again. When the
 * app has a listener of its own, that one decides, and `last` waits for the exit. Libraries that count listeners to find out whether
 * they are alone (signal-exit) do not see ours: it goes first and is gone when they look.
 */
export function onExit(last: () => void): () => void {
  let done = false;
  const once = () => {
    if (done) return;
    done = true;
    try {
      last();
    } catch {
      // The process ends in any case.
    }
  };
  const listeners = signals.map((signal) => {
    const listener = () => {
      process.removeListener(signal, listener);
      if (process.listenerCount(signal) > 0) return;
      once();
      process.kill(process.pid, signal);
    };
    process.prependListener(signal, listener);
    return { signal, listener };
  });
  process.on('exit', once);
  return () => {
    process.removeListener('exit', once);
    for (const { signal, listener } of listeners) process.removeListener(signal, listener);
  };
}
