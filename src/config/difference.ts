import { isTree, type Path, pathText } from './shape.ts';

/** The dotted paths whose values differ between two settings, sorted; a list that changed in any way is one path. */
export function changedPaths(before: unknown, after: unknown, path: Path = []): string[] {
  if (isTree(before) && isTree(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => changedPaths(before[key], after[key], [...path, key])).toSorted();
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [pathText(path)];
}
