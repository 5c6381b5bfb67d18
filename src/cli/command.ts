import type { Command } from 'commander';
import type { Client } from './client.ts';
import { findMonitor } from './find-monitor.ts';
import type { Io } from './io.ts';
import { type Paint, paint } from './text/paint.ts';

/** One command: a file in `commands/` and a line in `registry.ts`. */
export interface CliCommand {
  /** Declares the command, its flags and what it does. */
  register(program: Command, context: CliContext): void;
}

/** What a command works with. */
export interface CliContext {
  readonly io: Io;
  readonly paint: Paint;
  /** Every argument as it came, for commands that read them in their own way. */
  readonly argv: readonly string[];
  /** The running monitor; throws `monitor-unreachable`. */
  connect(): Promise<Client>;
  /** The global flags. */
  options(): GlobalOptions;
  /** Prints a document as JSON. */
  json(document: unknown): void;
  /** Prints lines. */
  print(...lines: readonly string[]): void;
  /** Ends with this exit code once the command is done. */
  exitWith(code: number): void;
}

export interface GlobalOptions {
  readonly url?: string;
  readonly token?: string;
  readonly dataDir?: string;
  readonly config?: string;
  readonly json?: boolean;
  readonly timeout: number;
}

/** Puts the context together; `exit` hears the exit code a command wants. */
export function createContext(
  io: Io,
  argv: readonly string[],
  program: () => Command,
  exit: (code: number) => void,
): CliContext {
  const options = () => program().opts<GlobalOptions>();
  return {
    io,
    argv,
    paint: paint(io.colour),
    connect() {
      const { url, token, dataDir, config, timeout } = options();
      return findMonitor(io, { url, token, dataDir, config, timeoutMs: timeout * 1000 });
    },
    options,
    json: (document) => io.out(`${JSON.stringify(document, null, 2)}\n`),
    print: (...lines) => io.out(lines.map((line) => `${line}\n`).join('')),
    exitWith: exit,
  };
}
