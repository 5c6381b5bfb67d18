import { nearest } from '../model/nearest.ts';
import type { Layer } from './file-layer.ts';
import { allNames, pathOfName, plainName } from './names.ts';
import type { ConfigurationProblem } from './problems.ts';
import { type Path, pathText, type Schema } from './shape.ts';
import { readAssignment } from './text-assignment.ts';
import type { Assignment } from './tree.ts';

/**
 * Reads the variables with our prefix. Unknown ones are told in one warning and never stop anything: the application has some of
 * its own under the same prefix.
 */
export function environmentLayer(
  root: Schema,
  prefix: string,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): Layer {
  const assignments: Assignment[] = [];
  const problems: ConfigurationProblem[] = [];
  const unknown: string[] = [];
  const seen = new Map<string, string>();
  for (const [variable, text] of Object.entries(env)) {
    if (!variable.startsWith(prefix) || text === undefined) continue;
    const found = placeOf(root, plainName(variable.slice(prefix.length)));
    if (!found) {
      unknown.push(variable);
      continue;
    }
    const { path, fromFile } = found;
    const earlier = seen.get(pathText(path));
    const origin = `environment ${variable}`;
    if (earlier)
      problems.push({
        path: pathText(path),
        message: `is set by ${earlier} and by ${variable}; keep one of them`,
        origin,
      });
    seen.set(pathText(path), variable);
    const read = readAssignment({ root, path, text, fromFile, origin, folder: cwd, emptyMeansUnset: true });
    if (read && 'message' in read) problems.push(read);
    else if (read) assignments.push(read);
  }
  // Deeper places later: an element's key refines the list that another variable gave.
  assignments.sort((a, b) => a.path.length - b.path.length);
  return { assignments, problems, warnings: unknown.length > 0 ? [unknownText(root, prefix, unknown)] : [] };
}

/** The place a joined name means; a whole key wins over a key with `_file` behind it (`logging.file` is a key). */
export function placeOf(root: Schema, name: string): { readonly path: Path; readonly fromFile: boolean } | undefined {
  const path = pathOfName(root, name);
  if (path) return { path, fromFile: false };
  const base = name.endsWith('_file') ? pathOfName(root, name.slice(0, -'_file'.length)) : undefined;
  return base && { path: base, fromFile: true };
}

function unknownText(root: Schema, prefix: string, unknown: readonly string[]): string {
  const names = allNames(root);
  const listed = unknown.toSorted().map((variable) => {
    const guess = nearest(plainName(variable.slice(prefix.length)), names);
    return guess ? `${variable} (did you mean ${prefix}${guess.toUpperCase()}?)` : variable;
  });
  const subject = unknown.length === 1 ? 'This environment variable names' : 'These environment variables name';
  return `${subject} no setting and ${unknown.length === 1 ? 'is' : 'are'} ignored: ${listed.join(', ')}`;
}
