/** Buffers that wait to be used again; a check of a large body would otherwise leave a megabyte behind at every run. */
const idle: Buffer[] = [];
const mostIdle = 2;
const firstSize = 64 * 1024;

/** Memory for the part of one body that conditions need. */
export interface Scratch {
  /** Keeps a chunk, as far as it fits into the limit. */
  append(chunk: Buffer): void;
  /** What was kept: a view that is valid until `clear` or `release`. */
  view(): Buffer;
  /** Begins anew, for the next answer on the way. */
  clear(): void;
  /** Gives the memory back. What comes later is ignored. */
  release(): void;
}

/** Makes a scratch for at most `limit` bytes. Small ones have memory of their own, large ones share it one after another. */
export function createScratch(limit: number): Scratch {
  let memory: Buffer | undefined;
  let length = 0;
  let released = false;

  function reserve(size: number): Buffer {
    if (memory && memory.length >= size) return memory;
    let wanted = Math.min(limit, memory ? memory.length * 2 : firstSize);
    while (wanted < size) wanted = Math.min(limit, wanted * 2);
    const grown = idle.findLast((one) => one.length >= wanted);
    if (grown) idle.splice(idle.indexOf(grown), 1);
    const next = grown ?? Buffer.allocUnsafe(wanted);
    memory?.copy(next, 0, 0, length);
    memory = next;
    return next;
  }

  return {
    append(chunk) {
      const part = Math.min(chunk.length, limit - length);
      if (released || part <= 0) return;
      chunk.copy(reserve(length + part), length, 0, part);
      length += part;
    },
    view: () => memory?.subarray(0, length) ?? Buffer.alloc(0),
    clear() {
      length = 0;
    },
    release() {
      released = true;
      if (memory && memory.length > firstSize && idle.length < mostIdle) idle.push(memory);
      memory = undefined;
      length = 0;
    },
  };
}
