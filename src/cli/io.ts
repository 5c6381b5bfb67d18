/**
 * The command line. Comes in: arguments. Goes out: text for people or JSON for programs, and an exit code. It asks a running monitor over
 * its API, or starts one; it must never read the data behind the monitor's back.
 *
 * This file is the world around a command, so that tests can stand in for it.
 */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { systemClock } from '../model/clock.ts';

export interface Io {
  /** Writes to standard output. */
  out(text: string): void;
  /** Writes bytes to standard output, and waits until the reader has room for more. */
  pour(bytes: Uint8Array): Promise<void>;
  /** Standard input, line by line, without holding all of it. */
  lines(): AsyncIterable<string>;
  /** Writes to standard error. */
  err(text: string): void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** True when colours are wanted: a terminal, no NO_COLOR. */
  readonly colour: boolean;
  /** Width of the terminal, or 100. */
  readonly width: number;
  /** Epoch ms. */
  now(): number;
  /** Reads one line or everything from standard input. */
  read(): Promise<string>;
  /** Opens an address in the browser. */
  open(url: string): Promise<void>;
}

/** The real terminal. */
export function processIo(): Io {
  const { stdout, stderr, stdin, env } = process;
  // A reader that went away (`cryomon alerts | head`) is no error of ours.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  return {
    out: (text) => void stdout.write(text),
    async pour(bytes) {
      if (!stdout.write(bytes)) await once(stdout, 'drain');
    },
    lines: () => createInterface({ input: stdin, crlfDelay: Number.POSITIVE_INFINITY }),
    err: (text) => void stderr.write(text),
    env,
    cwd: process.cwd(),
    colour: colourWanted(env, stdout.isTTY === true),
    width: stdout.columns ?? 100,
    now: () => systemClock.now(),
    async read() {
      let text = '';
      for await (const chunk of stdin.setEncoding('utf8')) text += chunk;
      return text;
    },
    async open(url) {
      const { default: open } = await import('open');
      const child = await open(url);
      // Without a browser the helper program only fails after it was started.
      child.on('error', () => {});
    },
  };
}

function colourWanted(env: Io['env'], terminal: boolean): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  return terminal && env.TERM !== 'dumb';
}
