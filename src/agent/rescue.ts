/** What stands between the app and our mistakes: values from JavaScript may be anything, and reading them may throw. */

/** Runs something of ours; when it throws, the app gets `otherwise`. */
export function rescue<T>(run: () => T, otherwise: T): T {
  try {
    return run();
  } catch {
    return otherwise;
  }
}

/** Any value as a text of at most `most` characters. */
export function textOf(value: unknown, most: number): string {
  return rescue(() => (typeof value === 'string' ? value : String(value)).slice(0, most), '(unreadable)');
}

/** A plain copy of an options object, so that its getters run once and here; empty when there is nothing to read. */
export function plain<T extends object>(value: T | null | undefined): Partial<T> {
  return rescue(() => (typeof value === 'object' && value !== null ? { ...value } : {}), {});
}
