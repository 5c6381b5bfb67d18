import { nearest } from '../model/nearest.ts';
import { placeOf } from './environment-layer.ts';
import type { Layer } from './file-layer.ts';
import { allNames, plainName } from './names.ts';
import type { ConfigurationProblem } from './problems.ts';
import { type Node, nodeAt, type Path, pathText, type Schema } from './shape.ts';
import { readAssignment } from './text-assignment.ts';
import type { Assignment } from './tree.ts';

/** A short flag for a setting, or one that is not a setting at all. */
export interface Flag {
  /** With its dashes, e.g. `--no-dashboard`. */
  readonly name: string;
  /** The setting it changes; absent for flags such as `--print-config`. */
  readonly path?: Path;
  /** The value it stands for; absent when the value follows it. */
  readonly value?: unknown;
}

export interface ArgumentLayer extends Layer {
  /** Values of flags that are no settings, e.g. `--config` -> the path; `true` for those without value. */
  readonly flags: ReadonlyMap<string, string | true>;
}

interface Parsing {
  readonly root: Schema;
  readonly flags: readonly Flag[];
  readonly cwd: string;
  readonly rest: string[];
  readonly assignments: Assignment[];
  readonly problems: ConfigurationProblem[];
  readonly warnings: string[];
  readonly found: Map<string, string | true>;
}

/**
 * Reads arguments: the launcher's own flags first (also shortened, as long as it is clear which), then
 * `--section-key=value`, `--section-key value` and `--section-key` alone for true. Unknown ones are told and ignored.
 */
export function argumentLayer(
  root: Schema,
  flags: readonly Flag[],
  args: readonly string[],
  cwd: string,
): ArgumentLayer {
  const parsing: Parsing = {
    root,
    flags,
    cwd,
    rest: [...args],
    assignments: [],
    problems: [],
    warnings: [],
    found: new Map(),
  };
  while (parsing.rest.length > 0) {
    const token = parsing.rest.shift()!;
    if (token === '--') break;
    if (token.startsWith('--')) readOption(parsing, token);
    else parsing.warnings.push(`The argument ${token} means nothing here and is ignored`);
  }
  const { assignments, problems, warnings, found } = parsing;
  return { assignments, problems, warnings, flags: found };
}

function readOption(parsing: Parsing, token: string): void {
  const equals = token.indexOf('=');
  const name = equals === -1 ? token : token.slice(0, equals);
  const given = equals === -1 ? undefined : token.slice(equals + 1);
  const place = placeOf(parsing.root, plainName(name.slice(2)));
  const flag = place ? undefined : flagOf(parsing.flags, name);
  if (flag) readFlag(parsing, flag, given);
  else if (place) readSetting(parsing, name, place, given);
  else {
    // The word behind an unknown option is most likely its value, not a second mistake.
    if (given === undefined && parsing.rest[0] !== undefined && !parsing.rest[0].startsWith('-')) parsing.rest.shift();
    const known = [
      ...parsing.flags.map((each) => each.name),
      ...allNames(parsing.root).map((each) => `--${each.replaceAll('_', '-')}`),
    ];
    const guess = nearest(name, known);
    parsing.warnings.push(`Unknown argument ${name} is ignored${guess ? `; did you mean ${guess}?` : ''}`);
  }
}

function flagOf(flags: readonly Flag[], name: string): Flag | undefined {
  const exact = flags.find((flag) => flag.name === name);
  if (exact) return exact;
  const shortened = name.length >= 5 ? flags.filter((flag) => flag.name.startsWith(name)) : [];
  return shortened.length === 1 ? shortened[0] : undefined;
}

function readFlag(parsing: Parsing, flag: Flag, given: string | undefined): void {
  const origin = `argument ${flag.name}`;
  if (flag.value !== undefined) {
    if (flag.path) parsing.assignments.push({ path: flag.path, value: flag.value, origin });
    else parsing.found.set(flag.name, true);
    return;
  }
  const text = given ?? nextValue(parsing);
  if (text === undefined) parsing.problems.push({ path: '', message: `${flag.name} needs a value behind it`, origin });
  else if (flag.path)
    keep(
      parsing,
      readAssignment({ root: parsing.root, path: flag.path, text, fromFile: false, origin, folder: parsing.cwd }),
    );
  else parsing.found.set(flag.name, text);
}

function readSetting(
  parsing: Parsing,
  name: string,
  { path, fromFile }: { path: Path; fromFile: boolean },
  given: string | undefined,
): void {
  const node = nodeAt(parsing.root, path)!;
  const origin = `argument ${name}`;
  const text = given ?? (fromFile ? nextValue(parsing) : valueBehind(parsing, node));
  if (text === undefined) {
    parsing.problems.push({ path: pathText(path), message: `${name} needs a value behind it`, origin });
    return;
  }
  const { root, cwd } = parsing;
  keep(parsing, readAssignment({ root, path, text, fromFile, origin, folder: cwd }));
}

function keep(parsing: Parsing, read: ReturnType<typeof readAssignment>): void {
  if (read && 'message' in read) parsing.problems.push(read);
  else if (read) parsing.assignments.push(read);
}

function nextValue(parsing: Parsing): string | undefined {
  const next = parsing.rest[0];
  return next === undefined || next.startsWith('--') ? undefined : parsing.rest.shift();
}

/** A switch with nothing behind it is switched on. */
function valueBehind(parsing: Parsing, node: Node): string | undefined {
  return nextValue(parsing) ?? (node.kind === 'boolean' ? 'true' : undefined);
}
