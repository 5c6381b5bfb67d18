import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** Texts below this are gathered: a packet for each line would cost more than the line. */
const WORTH_SENDING = 32_768;

/** Writes texts as fast as the reader takes them, then ends the stream. Rejects when it closes before. */
export async function writeChunks(out: Writable, chunks: AsyncIterable<string>): Promise<void> {
  let waiting = '';
  for await (const chunk of chunks) {
    waiting += chunk;
    if (waiting.length < WORTH_SENDING) continue;
    await write(out, waiting);
    waiting = '';
  }
  out.end(waiting);
}

async function write(out: Writable, text: string): Promise<void> {
  if (out.destroyed) throw new Error('The reader has gone.');
  if (out.write(text)) return;
  const gone = new AbortController();
  try {
    await Promise.race([
      once(out, 'drain', { signal: gone.signal }),
      once(out, 'close', { signal: gone.signal }).then(() => {
        throw new Error('The reader has gone.');
      }),
    ]);
  } finally {
    gone.abort();
  }
}
