import type { SettingView } from '../model/api.ts';
import { masked, maskValue } from './mask.ts';
import { isTree, keysOf, nodeAt, nodeOf, type Path, pathText, type Schema } from './shape.ts';
import { lookUp, type Tree } from './tree.ts';

/** Every effective value, masked, with its origin and what it means, in the order of the schema. */
export function describeSettings(schema: Schema, settings: unknown, tree: Tree): SettingView[] {
  return leavesOf(schema, [], settings).map((path) => {
    const node = nodeAt(schema, path);
    const value = lookUp(settings, path);
    return {
      path: pathText(path),
      value: tree.isHidden(path) && value !== '' ? masked : maskValue(schema, path, value),
      origin: tree.originOf(path),
      description: node?.description ?? '',
      dormant: node?.dormant ?? null,
    };
  });
}

/** The settings as one tree with every secret masked. */
export function maskedSettings(schema: Schema, settings: unknown, tree: Tree, path: Path = []): unknown {
  const value = lookUp(settings, path);
  if (tree.isHidden(path) && !isTree(value) && value !== '') return masked;
  if (isTree(value) && !nodeAt(schema, path)?.secret) {
    return Object.fromEntries(
      Object.keys(value).map((key) => [key, maskedSettings(schema, settings, tree, [...path, key])]),
    );
  }
  if (Array.isArray(value) && value.some(isTree)) {
    return value.map((_, index) => maskedSettings(schema, settings, tree, [...path, index]));
  }
  return maskValue(schema, path, value);
}

/** Paths down to single values; lists of objects are opened, lists of scalars and free-form values are one value. */
function leavesOf(schema: Schema, path: Path, settings: unknown): Path[] {
  const node = nodeAt(schema, path);
  const value = lookUp(settings, path);
  if (node?.kind === 'object' && (isTree(value) || path.length === 0)) {
    return keysOf(nodeOf(node.schema)).flatMap(([key]) => leavesOf(schema, [...path, key], settings));
  }
  if (node?.kind === 'list' && Array.isArray(value) && value.some(isTree)) {
    return value.flatMap((_, index) => leavesOf(schema, [...path, index], settings));
  }
  return value === undefined ? [] : [path];
}

/** What is to be said at start-up about keys that were set and do nothing yet: one line per group. */
export function dormantLines(schema: Schema, settings: unknown, defaults: unknown, tree: Tree): string[] {
  const groups = new Map<string, { readonly place: string; readonly reason: string; readonly keys: string[] }>();
  for (const path of leavesOf(schema, [], settings)) {
    const reason = nodeAt(schema, path)?.dormant;
    if (reason === undefined || tree.originOf(path) === 'default') continue;
    if (same(lookUp(settings, path), lookUp(defaults, path)) || isSwitchedOff(settings, path)) continue;
    const place = pathText(path.slice(0, -1));
    const group = groups.get(`${place}\n${reason}`) ?? { place, reason, keys: [] };
    group.keys.push(String(path.at(-1)));
    groups.set(`${place}\n${reason}`, group);
  }
  return [...groups.values()].map(({ place, reason, keys }) =>
    keys.length === 1
      ? `${place}.${keys[0]} has no effect yet: ${reason}`
      : `${place} (${keys.join(', ')}) has no effect yet: ${reason}`,
  );
}

/** Nothing needs saying about the keys of something that is switched off. */
function isSwitchedOff(settings: unknown, path: Path): boolean {
  return path.some((_, length) => lookUp(settings, [...path.slice(0, length), 'enabled']) === false);
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
