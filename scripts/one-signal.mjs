/**
 * Under `npm start` one Ctrl-C arrives several times: the terminal sends it to the whole process group, and npm and our own scripts hand
 * it on. For the monitor a second signal means "exit at once", so copies of one key press must not count: the same signal again within a
 * third of a second is dropped. Import this before anything that listens for signals.
 */
const windowMs = 300;
const lastAt = new Map();
const emit = process.emit;

process.emit = function emitOnce(event, ...rest) {
  if (event === 'SIGINT' || event === 'SIGTERM') {
    const now = performance.now();
    const copy = now - (lastAt.get(event) ?? Number.NEGATIVE_INFINITY) < windowMs;
    if (copy) return true;
    lastAt.set(event, now);
  }
  return emit.call(process, event, ...rest);
};
