import { Socket } from 'node:net';
import type { Mark } from './kind.ts';

/** No answer to our small questions is anywhere near this large; a peer that sends more speaks another language. */
const mostBytes = 4 * 1024 * 1024;

/**
 * A TCP socket, not connected yet, that marks `dns` and `connect`, ends with the signal, and refuses floods.
 * Drivers that take a socket get this one, so that we can time and cut what they do.
 */
export function timedSocket(options: { signal: AbortSignal; mark: Mark }): Socket {
  const { signal, mark } = options;
  const socket = new Socket();
  let received = 0;
  socket.once('lookup', () => mark('dns'));
  socket.once('connect', () => mark('connect'));
  socket.on('data', (chunk: Buffer) => {
    received += chunk.length;
    if (received > mostBytes && socket.bytesRead > mostBytes) {
      socket.destroy(
        new Error('the other side sends far more than was asked; it does not speak the database’s protocol'),
      );
    }
  });
  const onAbort = () => socket.destroy();
  signal.addEventListener('abort', onAbort, { once: true });
  socket.once('close', () => signal.removeEventListener('abort', onAbort));
  return socket;
}
