/** Puts a function of ours before a method of an object of the app's, and takes it away again. */

import { rescue } from '../rescue.ts';

type Method = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Replaces `object[name]` by what `make` gives for the original; the class stays as it is. Returns what undoes it, or undefined when the
 * object cannot be changed (frozen, or no such method).
 */
export function patch(object: object, name: string, make: (original: Method) => Method): (() => void) | undefined {
  try {
    const original = (object as Record<string, unknown>)[name];
    if (typeof original !== 'function') return undefined;
    const own = Object.getOwnPropertyDescriptor(object, name);
    const replacement = make(original as Method);
    Object.defineProperty(replacement, 'name', { value: original.name, configurable: true });
    Object.defineProperty(replacement, 'length', { value: original.length, configurable: true });
    Object.defineProperty(object, name, {
      value: replacement,
      configurable: true,
      writable: true,
      enumerable: own?.enumerable ?? false,
    });
    return () => {
      try {
        // Somebody else may have wrapped it meanwhile: then ours stays below theirs and passes everything through.
        if ((object as Record<string, unknown>)[name] !== replacement) return;
        if (own) Object.defineProperty(object, name, own);
        else Reflect.deleteProperty(object, name);
      } catch {
        // Frozen meanwhile; ours passes everything through.
      }
    };
  } catch {
    return undefined;
  }
}

/** Hears an event's first two arguments, and the function that the emitter called: what lies above it is the app's. */
type Heard = (first: unknown, second: unknown, below: () => void) => void;

/** Listens; what goes wrong in it is our problem and not the driver's. Returns what ends it. */
export function listen(emitter: unknown, event: string, heard: Heard): () => void {
  const { on, off } = (emitter ?? {}) as { on?: unknown; off?: unknown };
  if (typeof on !== 'function' || typeof off !== 'function') return () => undefined;
  const safe = (first?: unknown, second?: unknown) => rescue(() => heard(first, second, safe), undefined);
  rescue(() => on.call(emitter, event, safe), undefined);
  return () => void rescue(() => off.call(emitter, event, safe), undefined);
}

/** Reads a property of whatever it is; undefined when that is not possible. */
export function peek(value: unknown, name: string): unknown {
  try {
    return (value as Record<string, unknown> | null | undefined)?.[name];
  } catch {
    return undefined;
  }
}

export function hasMethods(value: unknown, ...names: string[]): boolean {
  return names.every((name) => typeof peek(value, name) === 'function');
}
