import type { ConfigurationProblem } from './problems.ts';
import { readValueFile } from './secret-file.ts';
import { isTree, nodeAt, type Path, pathText, type Schema, schemaAt } from './shape.ts';
import { valueOfText } from './text-values.ts';
import type { Assignment } from './tree.ts';

export interface TextSetting {
  readonly root: Schema;
  /** A path the schema knows. */
  readonly path: Path;
  readonly text: string;
  /** True when the text is the path of a file that holds the value. */
  readonly fromFile: boolean;
  readonly origin: string;
  /** Where a relative path of such a file starts. */
  readonly folder: string;
  /** Compose files say "not set" with an empty variable: then only texts, lists and what may be null take it as a value. */
  readonly emptyMeansUnset?: boolean;
}

/** Turns the text of a variable or argument into an assignment, a problem, or nothing when it counts as not set. */
export function readAssignment(setting: TextSetting): Assignment | ConfigurationProblem | undefined {
  const { root, path, fromFile, origin } = setting;
  const node = nodeAt(root, path)!;
  const read = fromFile ? readValueFile(setting.text, setting.folder) : { text: setting.text };
  if ('failure' in read) return { path: pathText(path), message: read.failure, origin };
  const takesEmpty = node.nullable || node.kind === 'text' || node.kind === 'list';
  if (read.text === '' && setting.emptyMeansUnset && !takesEmpty) return undefined;
  const value = valueOfText(schemaAt(root, path)!, read.text);
  if (node.kind === 'object' && !isTree(value)) {
    // Laid over the section, a mere text would wipe out everything in it.
    return { path: pathText(path), message: 'is a whole section: give a JSON object, or name one of its keys', origin };
  }
  // What comes out of a file is taken for a secret, unless it is a number or a switch.
  const hidden = fromFile && !['number', 'boolean', 'enum'].includes(node.kind);
  return { path, value, origin: fromFile ? `${origin} (${setting.text})` : origin, hidden };
}
