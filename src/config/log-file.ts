import { basename, dirname, resolve } from 'node:path';
import { createStream, type RotatingFileStream } from 'rotating-file-stream';

export interface LogFile {
  write(line: string): void;
  /** Resolves when everything is on the disk, or cannot get there. */
  close(): Promise<void>;
}

export interface LogFileOptions {
  readonly file: string;
  readonly maxSizeMb: number;
  readonly backupCount: number;
  readonly cwd: string;
  /** Hears once of each time the file stops working. */
  readonly onProblem: (error: Error) => void;
  /** @default 30_000 */
  readonly retryMs?: number;
  /** Monotonic milliseconds. @default performance.now */
  readonly now?: () => number;
}

/**
 * A log file that rotates as `<file>.1`, `<file>.2` … A full or missing disk never reaches the caller: lines are dropped and counted,
 * the file is tried again later, and then says how many lines are missing.
 */
export function openLogFile(options: LogFileOptions): LogFile {
  const path = resolve(options.cwd, options.file);
  const retryMs = options.retryMs ?? 30_000;
  const now = options.now ?? (() => performance.now());
  let lost = 0;
  let brokenAt: number | undefined;
  let stream: RotatingFileStream | undefined;

  function fail(error: Error): void {
    if (brokenAt === undefined) options.onProblem(error);
    brokenAt = now();
    stream?.destroy();
    stream = undefined;
  }

  function open(): RotatingFileStream {
    const opened = createStream((index) => (index ? `${basename(path)}.${Number(index)}` : basename(path)), {
      path: dirname(path),
      ...(options.backupCount > 0
        ? { size: `${Math.max(1, Math.round(options.maxSizeMb * 1024))}K`, rotate: options.backupCount }
        : {}),
    });
    opened.on('error', fail);
    opened.on('warning', fail);
    return opened;
  }

  return {
    write(line) {
      if (brokenAt !== undefined && now() - brokenAt < retryMs) {
        lost += 1;
        return;
      }
      // A disk that is slow for long must not fill the memory.
      if (stream && stream.writableLength > 8_000_000) {
        lost += 1;
        return;
      }
      try {
        stream ??= open();
        const missing =
          lost > 0
            ? `${lost} log ${lost === 1 ? 'line is' : 'lines are'} missing here: the file could not be written\n`
            : '';
        brokenAt = undefined;
        lost = 0;
        stream.write(missing + line);
      } catch (error) {
        lost += 1;
        fail(error as Error);
      }
    },
    close() {
      const closing = stream;
      stream = undefined;
      if (!closing || closing.destroyed) return Promise.resolve();
      return new Promise((done) => {
        closing.once('close', () => done());
        closing.once('error', () => done());
        closing.end(() => done());
      });
    },
  };
}
