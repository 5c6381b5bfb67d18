/**
 * A small JSONPath: `$` is the whole document, `.name` and `['any name']` a member, `[0]` an element, `[-1]` the last one,
 * `.*` and `[*]` every member or element. No filters, slices, or descent to any depth: what such a path finds depends on the document's
 * size, and a condition should not.
 */
type Step = { readonly name: string } | { readonly index: number } | { readonly all: true };

/** A path that has been read. */
export type JsonPath = readonly Step[];

const longestPath = 500;
/** So many values are judged; a list of a million would cost a million sentences. */
export const mostFound = 1000;

/** Reads a path. Throws a SyntaxError that says what is wrong. */
export function parseJsonPath(text: string): JsonPath {
  if (text.length > longestPath) throw new SyntaxError(`it is longer than ${longestPath} characters`);
  if (!text.startsWith('$')) throw new SyntaxError('a path begins with $, e.g. $.status');
  const steps: Step[] = [];
  let rest = text.slice(1);
  while (rest !== '') {
    const [taken, step] = firstStep(rest);
    steps.push(step);
    rest = rest.slice(taken);
  }
  return steps;
}

function firstStep(rest: string): [number, Step] {
  const all = /^(?:\.\*|\[\*\])/.exec(rest);
  if (all) return [all[0].length, { all: true }];
  const member = /^\.([\p{L}_$][\p{L}\p{N}_$-]*)/u.exec(rest);
  if (member) return [member[0].length, { name: member[1]! }];
  const index = /^\[(-?\d{1,9})\]/.exec(rest);
  if (index) return [index[0].length, { index: Number(index[1]) }];
  const quoted = /^\[(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\]/.exec(rest);
  if (quoted) return [quoted[0].length, { name: (quoted[1] ?? quoted[2]!).replaceAll(/\\(.)/g, '$1') }];
  const hint = rest.startsWith('..')
    ? '.. (descent to any depth) is not supported'
    : /^\[\?|^\[[^\]]*:/.test(rest)
      ? 'filters and slices are not supported'
      : `expected .name, ['name'], [0], [-1], [*] or .* at "${rest.slice(0, 20)}"`;
  throw new SyntaxError(hint);
}

/** Everything a path finds, at most 1,000 values. A path without a star finds one value or none. */
export function findJson(document: unknown, path: JsonPath): unknown[] {
  let found: unknown[] = [document];
  for (const step of path) {
    const next: unknown[] = [];
    for (const value of found) {
      if (next.length >= mostFound) break;
      if ('all' in step) next.push(...childrenOf(value).slice(0, mostFound - next.length));
      else if ('index' in step) {
        const child = Array.isArray(value) ? (value.at(step.index) as unknown) : undefined;
        if (child !== undefined) next.push(child);
      } else if (
        typeof value === 'object' &&
        value !== null &&
        !Array.isArray(value) &&
        Object.hasOwn(value, step.name)
      ) {
        next.push((value as Record<string, unknown>)[step.name]);
      }
    }
    found = next;
  }
  return found;
}

function childrenOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}

/** Whether the path may find several values. */
export function hasStar(path: JsonPath): boolean {
  return path.some((step) => 'all' in step);
}
