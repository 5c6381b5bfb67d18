import { isTree, type Path, pathText } from './shape.ts';

/** One value to be laid over what is there, and where it came from. */
export interface Assignment {
  readonly path: Path;
  readonly value: unknown;
  /** For people: `file monitoring_config.json`, `environment CRYOPROTECT_…`, `argument --…`. */
  readonly origin: string;
  /** True when the value was put together from a secret and must not be shown. */
  readonly hidden?: boolean;
}

/** The values merged so far, with the origin of each. */
export interface Tree {
  readonly values: Record<string, unknown>;
  /** Lays a value over what is there: objects merge, anything else (lists too) replaces. */
  assign(assignment: Assignment): void;
  /** Where the value at a path came from; `default` when nobody set it or anything in it. */
  originOf(path: Path): string;
  /** The same, or else where the thing around it came from: for what is missing in something that was set. */
  originAround(path: Path): string;
  isHidden(path: Path): boolean;
}

interface Said {
  readonly origin: string;
  readonly hidden: boolean;
}

/** Keys that would reach into JavaScript's own objects. */
const unsafeKeys = new Set(['__proto__', 'constructor', 'prototype']);

export function createTree(): Tree {
  const values: Record<string, unknown> = {};
  const origins = new Map<string, Said>();

  function forget(path: Path): void {
    const prefix = pathText(path);
    for (const known of origins.keys()) {
      if (known === prefix || known.startsWith(`${prefix}.`) || known.startsWith(`${prefix}[`)) origins.delete(known);
    }
  }

  function assign({ path, value, origin, hidden = false }: Assignment): void {
    if (path.some((key) => unsafeKeys.has(String(key)))) return;
    if (isTree(value) && (path.length === 0 || isTree(lookUp(values, path)))) {
      for (const [key, item] of Object.entries(value)) assign({ path: [...path, key], value: item, origin, hidden });
      return;
    }
    if (path.length === 0) return;
    forget(path);
    place(values, path, structuredClone(value));
    record(path, value, { origin, hidden });
  }

  /** An empty object says nothing about what is in it, so it has no origin. */
  function record(path: Path, value: unknown, said: Said): void {
    if (!isTree(value) || Object.keys(value).length > 0) origins.set(pathText(path), said);
    if (Array.isArray(value)) value.forEach((item, index) => void record([...path, index], item, said));
    else if (isTree(value)) for (const [key, item] of Object.entries(value)) record([...path, key], item, said);
  }

  function originOf(path: Path): string {
    const prefix = pathText(path);
    const exact = origins.get(prefix);
    if (exact) return exact.origin;
    const below = [...origins].findLast(
      ([known]) => prefix === '' || known.startsWith(`${prefix}.`) || known.startsWith(`${prefix}[`),
    );
    return below?.[1].origin ?? 'default';
  }

  return {
    values,
    assign,
    originOf,
    originAround(path) {
      const found = path
        .map((_, index) => originOf(path.slice(0, path.length - index)))
        .find((origin) => origin !== 'default');
      return found ?? 'default';
    },
    isHidden: (path) => path.some((_, index) => origins.get(pathText(path.slice(0, index + 1)))?.hidden),
  };
}

/** The value at a path, or undefined. */
export function lookUp(tree: unknown, path: Path): unknown {
  let value = tree;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string | number, unknown>)[key];
  }
  return value;
}

function place(root: Record<string, unknown>, path: Path, value: unknown): void {
  let current: Record<string | number, unknown> = root;
  path.forEach((key, position) => {
    if (position === path.length - 1) {
      current[key] = value;
      return;
    }
    const below = current[key];
    // What stands in the way of a deeper value (nothing, or a scalar of a weaker layer) gives way to it.
    if (typeof below !== 'object' || below === null) current[key] = typeof path[position + 1] === 'number' ? [] : {};
    current = current[key] as Record<string | number, unknown>;
  });
}
