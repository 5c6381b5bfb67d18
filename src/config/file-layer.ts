import { nearest } from '../model/nearest.ts';
import type { ConfigurationFile } from './file.ts';
import { interpolate } from './interpolate.ts';
import { maskValue } from './mask.ts';
import { allNames, pathOfName } from './names.ts';
import type { ConfigurationProblem } from './problems.ts';
import { readValueFile } from './secret-file.ts';
import {
  accepts,
  alternativesOf,
  choicesOf,
  elementOf,
  isTree,
  type Kind,
  keysOf,
  type Node,
  nodeOf,
  type Path,
  pathText,
  recordValueOf,
  type Schema,
} from './shape.ts';
import { valueOfText } from './text-values.ts';
import type { Assignment } from './tree.ts';

/** What a layer brings: values, and what is to be said about it. */
export interface Layer {
  readonly assignments: readonly Assignment[];
  readonly problems: readonly ConfigurationProblem[];
  readonly warnings: readonly string[];
}

interface Reading {
  readonly root: Schema;
  readonly file: ConfigurationFile;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly origin: string;
  readonly assignments: Assignment[];
  readonly problems: ConfigurationProblem[];
  readonly warnings: string[];
}

/** Turns the file's tree into assignments: unknown keys become warnings, `…_file` keys and `${VARIABLE}` become values. */
export function fileLayer(root: Schema, file: ConfigurationFile, env: Reading['env']): Layer {
  const reading: Reading = {
    root,
    file,
    env,
    origin: `file ${file.name}`,
    assignments: [],
    problems: [],
    warnings: [],
  };
  for (const key of file.duplicates)
    reading.warnings.push(`${file.name}: the key ${key} stands there twice; the last one counts`);
  readObject(reading, nodeOf(root), [], file.tree);
  return reading;
}

function readObject(reading: Reading, node: Node, path: Path, tree: Record<string, unknown>): void {
  const known = new Map(keysOf(node));
  // An object that says nothing still replaces what a weaker layer had in a list.
  reading.assignments.push({ path, value: {}, origin: reading.origin });
  for (const [key, value] of Object.entries(tree)) {
    const child = known.get(key);
    if (child) readValue(reading, child, [...path, key], value);
    else if (!isRemark(key, path)) readOtherKey(reading, known, path, key, value);
  }
}

/** JSON has no comments, so people write keys like these; `$schema` is for their editor. */
function isRemark(key: string, path: Path): boolean {
  return key.startsWith('//') || key.startsWith('_comment') || (key === '$schema' && path.length === 0);
}

function readOtherKey(reading: Reading, known: Map<string, Schema>, path: Path, key: string, value: unknown): void {
  const base = key.replace(/_file$/, '');
  const child = base === key ? undefined : known.get(base);
  if (!child) {
    reading.warnings.push(
      `${reading.file.name}: unknown key ${pathText([...path, key])} is ignored${suggestion(reading.root, known, path, key)}`,
    );
    return;
  }
  const place = [...path, base];
  const problem = (message: string) =>
    reading.problems.push({ path: pathText([...path, key]), value, message, origin: reading.origin });
  if (typeof value !== 'string') return void problem('must be the path of a file');
  if (lookedUp(reading.file.tree, place))
    return void problem(`stands beside ${pathText(place)}; give only one of them`);
  const name = interpolate(value, reading.env).text;
  const read = readValueFile(name, reading.file.folder);
  if ('failure' in read) return void problem(read.failure);
  reading.assignments.push({
    path: place,
    value: valueOfText(child, read.text),
    origin: `${reading.origin} (${name})`,
    hidden: true,
  });
}

function lookedUp(tree: unknown, path: Path): boolean {
  let value = tree;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return false;
    value = (value as Record<string | number, unknown>)[key];
  }
  return true;
}

function suggestion(root: Schema, known: Map<string, Schema>, path: Path, key: string): string {
  const ending = `_${key.toLowerCase()}`;
  const sibling = nearest(key, known.keys()) ?? [...known.keys()].find((name) => name.endsWith(ending));
  if (sibling) return `; did you mean ${pathText([...path, sibling])}?`;
  const elsewhere = allNames(root).filter((name) => name.endsWith(ending));
  const place = elsewhere.length === 1 ? pathOfName(root, elsewhere[0]!) : undefined;
  return place ? `; did you mean ${pathText(place)}?` : '';
}

function readValue(reading: Reading, schema: Schema, path: Path, value: unknown): void {
  const node = optionFor(nodeOf(schema), value);
  if (node.kind === 'object' && isTree(value)) readObject(reading, node, path, value);
  else if (node.kind === 'list' && Array.isArray(value)) readList(reading, node, path, value);
  else if (node.kind === 'record' && isTree(value)) {
    reading.assignments.push({ path, value: {}, origin: reading.origin });
    const child = recordValueOf(node);
    for (const [key, item] of Object.entries(value)) {
      if (child) readValue(reading, child, [...path, key], item);
    }
  } else if (typeof value === 'string') readText(reading, schema, path, value);
  else reading.assignments.push({ path, value: interpolateDeep(reading, path, value), origin: reading.origin });
}

/** Lists replace the list of a weaker layer as a whole, then each element finds its place in the new one. */
function readList(reading: Reading, node: Node, path: Path, list: readonly unknown[]): void {
  reading.assignments.push({ path, value: [], origin: reading.origin });
  const element = elementOf(node);
  list.forEach((item, index) => {
    if (element) readValue(reading, element, [...path, index], item);
  });
}

/** The alternative of a union that has the shape of the value. */
function optionFor(node: Node, value: unknown): Node {
  if (node.kind !== 'union') return node;
  const wanted: readonly Kind[] = Array.isArray(value) ? ['list'] : isTree(value) ? ['object', 'record'] : [];
  const options = alternativesOf(node).filter((option) => wanted.includes(nodeOf(option).kind));
  const fitting = options.find((option) => accepts(option, value)) ?? options.find((option) => isMeant(option, value));
  return nodeOf(fitting ?? options[0] ?? node.schema);
}

/** True when the value says which alternative it is, e.g. `"type": "slack"`, although not all of it is right (yet). */
function isMeant(option: Schema, value: unknown): boolean {
  if (!isTree(value)) return false;
  const marks = keysOf(nodeOf(option)).flatMap(([key, schema]) => {
    const choices = choicesOf(nodeOf(schema));
    return choices.length === 1 ? [[key, choices[0]] as const] : [];
  });
  return marks.length > 0 && marks.every(([key, choice]) => value[key] === choice);
}

function readText(reading: Reading, schema: Schema, path: Path, text: string): void {
  const { text: result, variables, missing, secret } = interpolate(text, reading.env);
  if (missing.length > 0) {
    reading.problems.push({
      path: pathText(path),
      value: maskValue(reading.root, path, text),
      message: `the environment variable ${missing.join(', ')} is not set; set it, or write \${${missing[0]}:-value} for a default`,
      origin: reading.origin,
    });
    return;
  }
  if (variables.length === 0) {
    reading.assignments.push({ path, value: result, origin: reading.origin });
    return;
  }
  const origin = `${reading.origin}, environment ${[...new Set(variables)].join(', ')}`;
  reading.assignments.push({ path, value: valueOfText(schema, result), origin, hidden: secret });
}

/** Free-form values (a request's body) may hold variables at any depth. */
function interpolateDeep(reading: Reading, path: Path, value: unknown): unknown {
  if (typeof value === 'string') {
    const { text, missing } = interpolate(value, reading.env);
    if (missing.length > 0) {
      reading.problems.push({
        path: pathText(path),
        message: `the environment variable ${missing.join(', ')} is not set; set it, or write \${${missing[0]}:-value} for a default`,
        origin: reading.origin,
      });
    }
    return text;
  }
  if (Array.isArray(value)) return value.map((item, index) => interpolateDeep(reading, [...path, index], item));
  if (!isTree(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, interpolateDeep(reading, [...path, key], item)]),
  );
}
