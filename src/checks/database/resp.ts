import type { Socket } from 'node:net';

/** A value of the Redis protocol. Errors are values here: inside a list they are no failure of the whole. */
export type RespValue = string | number | null | Error | readonly RespValue[];

/** An error that the server answered, e.g. `WRONGPASS invalid username-password pair`. */
export class RedisError extends Error {
  /** The first word of the answer. */
  get code(): string {
    return this.message.split(' ', 1)[0] ?? '';
  }
}

/** Sends one command at a time and waits for its answer. */
export interface RespConnection {
  command(...words: readonly string[]): Promise<RespValue>;
  readonly alive: boolean;
}

interface Waiting {
  resolve(value: RespValue): void;
  reject(error: Error): void;
}

/** Speaks the Redis protocol (RESP 2) over a socket: small enough that a check needs no driver for it. */
export function respConnection(socket: Socket): RespConnection {
  let received = '';
  let alive = true;
  let waiting: Waiting[] = [];

  const fail = (error: Error) => {
    alive = false;
    for (const one of waiting) one.reject(error);
    waiting = [];
  };
  socket.setEncoding('latin1');
  socket.on('data', (chunk: Buffer | string) => {
    received += chunk.toString();
    try {
      for (let reply = parseReply(received, 0); reply; reply = parseReply(received, 0)) {
        received = received.slice(reply.end);
        waiting.shift()?.resolve(reply.value);
      }
    } catch (error) {
      fail(error instanceof Error ? error : new Error(String(error)));
      socket.destroy();
    }
  });
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('the server closed the connection without a word')));

  return {
    command(...words) {
      return new Promise((resolve, reject) => {
        if (!alive) return reject(new Error('the server closed the connection without a word'));
        waiting.push({ resolve: (value) => (value instanceof RedisError ? reject(value) : resolve(value)), reject });
        const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
        socket.write(`*${words.length}\r\n${parts.join('')}`);
      });
    },
    get alive() {
      return alive;
    },
  };
}

/** The reply that begins at `from`, and where it ends; undefined when it has not come whole. Throws when it is no reply. */
export function parseReply(text: string, from: number): { value: RespValue; end: number } | undefined {
  const lineEnd = text.indexOf('\r\n', from);
  if (from < text.length && !'+-:$*'.includes(text[from]!))
    throw new Error('the other side does not speak Redis’s protocol');
  if (lineEnd < 0) return undefined;
  const line = text.slice(from + 1, lineEnd);
  const next = lineEnd + 2;
  switch (text[from]) {
    case '+':
      return { value: line, end: next };
    case '-':
      return { value: new RedisError(line), end: next };
    case ':':
      return { value: Number(line), end: next };
    case '$': {
      const length = Number(line);
      if (!Number.isInteger(length) || length < -1) throw new Error('the other side does not speak Redis’s protocol');
      if (length === -1) return { value: null, end: next };
      if (text.length < next + length + 2) return undefined;
      return { value: text.slice(next, next + length), end: next + length + 2 };
    }
    default:
      return parseList(text, Number(line), next);
  }
}

function parseList(text: string, count: number, from: number): { value: RespValue; end: number } | undefined {
  if (count === -1) return { value: null, end: from };
  const list: RespValue[] = [];
  let at = from;
  while (list.length < count) {
    const item = parseReply(text, at);
    if (!item) return undefined;
    list.push(item.value);
    at = item.end;
  }
  return { value: list, end: at };
}
