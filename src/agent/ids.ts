import { randomFillSync } from 'node:crypto';

/** Random bytes are drawn in bulk: one call for 256 ids costs a tenth of 256 calls. */
const pool = Buffer.allocUnsafeSlow(4096);
let used = pool.length;

function take(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const start = used;
  used += bytes;
  return pool.toString('hex', start, used);
}

/** 32 random hex digits, never all zero. */
export function newTraceId(): string {
  const id = take(16);
  return id === '00000000000000000000000000000000' ? newTraceId() : id;
}

/** 16 random hex digits, never all zero. */
export function newSpanId(): string {
  const id = take(8);
  return id === '0000000000000000' ? newSpanId() : id;
}

/**
 * True for ids from outside that may be kept and echoed: they end up in logs and pages, so that no caller may write there what he wants.
 */
export function isSafeId(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z0-9_.:-]{1,64}$/.test(value);
}
