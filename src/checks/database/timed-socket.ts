import { Socket } from 'node:net';
import type { Mark } from './kind.ts';

/** No answer to our small questions is anywhere near this large; a peer that sends more speaks another language. */
const mostBytes = 1024 * 1024;

/**
 * A TCP socket, not connected yet, that marks `dns` and `connect`, ends with the signal, and refuses floods.
 * Drivers that take a socket get this one, so that we can time and cut what they do.
 */
export function timedSocket(options: { signal: AbortSignal; mark: Mark }): Socket {
  return timed(new Socket(), options);
}

/** Makes a socket of any kind a timed one. */
export function timed<S extends Socket>(socket: S, { signal, mark }: { signal: AbortSignal; mark: Mark }): S {
  let burst = 0;
  let quiet = 0;
  socket.once('lookup', () => mark('dns'));
  socket.once('connect', () => mark('connect'));
  socket.on('data', (chunk: Buffer) => {
    // What an honest server has sent in the days of a kept connection adds up too: only bursts between our questions count.
    if (socket.bytesWritten !== quiet) {
      quiet = socket.bytesWritten;
      burst = 0;
    }
    burst += chunk.length;
    if (burst > mostBytes) {
      socket.destroy(
        new Error('the other side sends far more than was asked; it does not speak the database’s protocol'),
      );
    }
  });
  const onAbort = () => socket.destroy();
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  socket.once('close', () => signal.removeEventListener('abort', onAbort));
  return socket;
}
