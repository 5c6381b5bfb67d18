import { closeSync, openSync, readSync } from 'node:fs';

/** A file of /proc or /sys that is read again and again: opened once, because opening costs more than reading. */
export interface ProcFile {
  /** The whole text now; undefined when there is no such file, or it cannot be read (any more). */
  read(): string | undefined;
  close(): void;
}

/** Reading is synchronous on purpose: the kernel answers from memory, in microseconds, and a thread pool would cost more. */
export function procFile(path: string): ProcFile {
  let fd: number | undefined;
  let missing = false;
  let buffer = Buffer.allocUnsafe(8192);

  function open(): number | undefined {
    if (missing) return undefined;
    try {
      fd ??= openSync(path, 'r');
    } catch {
      missing = true;
    }
    return fd;
  }

  return {
    read() {
      const handle = open();
      if (handle === undefined) return undefined;
      try {
        let length = 0;
        for (;;) {
          const got = readSync(handle, buffer, length, buffer.length - length, length);
          length += got;
          if (got === 0) return buffer.toString('latin1', 0, length);
          if (length === buffer.length) buffer = Buffer.concat([buffer, Buffer.allocUnsafe(buffer.length)]);
        }
      } catch {
        return undefined;
      }
    },
    close() {
      if (fd !== undefined) closeSync(fd);
      fd = undefined;
    },
  };
}
