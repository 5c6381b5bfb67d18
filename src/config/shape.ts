/**
 * The configuration room. Comes in: defaults, a JSON file, the environment, arguments. Goes out: one validated tree of settings
 * and, for every value, where it came from. It knows no section: each room owns the schema of its own keys.
 * It must never print or keep a secret in clear text, and never stop at the first problem.
 *
 * This file looks into a zod schema: which keys exist, what kind of value each takes, what is said about it.
 */
import { z } from 'zod';

/** Any zod schema. */
export type Schema = z.core.$ZodType;
export type Path = readonly (string | number)[];

/** What a value at one place of the configuration has to be. */
export type Kind = 'object' | 'list' | 'record' | 'text' | 'number' | 'boolean' | 'enum' | 'union' | 'anything';

/** One place of the configuration: its schema without wrappers, and what was said about it. */
export interface Node {
  readonly schema: Schema;
  readonly kind: Kind;
  readonly nullable: boolean;
  readonly description: string;
  /** True for passwords, keys and tokens: never shown. */
  readonly secret: boolean;
  /** Why a key does nothing yet; undefined for live keys. */
  readonly dormant: string | undefined;
}

type Def = z.core.$ZodTypes['_zod']['def'];
const definitionOf = (schema: Schema): Def => schema._zod.def as Def;

interface Said {
  description?: string;
  secret?: boolean;
  dormant?: string;
  nullable: boolean;
}

/** Unwraps defaults, optionals and the like; the outermost word about a key wins. */
export function nodeOf(schema: Schema): Node {
  const said: Said = { nullable: false };
  let current = schema;
  for (;;) {
    listen(current, said);
    const inner = innerOf(current, said);
    if (!inner) break;
    current = inner;
  }
  return {
    schema: current,
    kind: kindOf(current),
    nullable: said.nullable,
    description: said.description ?? '',
    secret: said.secret ?? false,
    dormant: said.dormant,
  };
}

function listen(schema: Schema, said: Said): void {
  const meta = z.globalRegistry.get(schema);
  if (!meta) return;
  if (said.description === undefined && typeof meta.description === 'string') said.description = meta.description;
  if (said.secret === undefined && typeof meta.secret === 'boolean') said.secret = meta.secret;
  if (said.dormant === undefined && typeof meta.dormant === 'string') said.dormant = meta.dormant;
}

function innerOf(schema: Schema, said: Said): Schema | undefined {
  const def = definitionOf(schema);
  switch (def.type) {
    case 'nullable':
      said.nullable = true;
      return def.innerType;
    case 'optional':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
    case 'catch':
      return def.innerType;
    case 'pipe':
      // A preprocess step has a transform in front: what people write is then the other side.
      return definitionOf(def.in).type === 'transform' ? def.out : def.in;
    case 'lazy':
      return def.getter();
    default:
      return undefined;
  }
}

function kindOf(schema: Schema): Kind {
  const def = definitionOf(schema);
  switch (def.type) {
    case 'object':
      return 'object';
    case 'array':
    case 'tuple':
    case 'set':
      return 'list';
    case 'record':
    case 'map':
      return 'record';
    case 'string':
    case 'template_literal':
      return 'text';
    case 'number':
    case 'bigint':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'enum':
    case 'literal':
      return 'enum';
    case 'union':
      return 'union';
    default:
      return 'anything';
  }
}

/** The keys of an object, in the order they were declared; empty for anything else. */
export function keysOf(node: Node): readonly [string, Schema][] {
  const def = definitionOf(node.schema);
  return def.type === 'object' ? Object.entries(def.shape as Record<string, Schema>) : [];
}

/** The schema of a list's elements. */
export function elementOf(node: Node): Schema | undefined {
  const def = definitionOf(node.schema);
  return def.type === 'array' ? def.element : undefined;
}

/** The schema of a record's values. */
export function recordValueOf(node: Node): Schema | undefined {
  const def = definitionOf(node.schema);
  return def.type === 'record' ? def.valueType : undefined;
}

/** The alternatives of a union; empty for anything else. */
export function alternativesOf(node: Node): readonly Schema[] {
  const def = definitionOf(node.schema);
  return def.type === 'union' ? def.options : [];
}

/** The values an enum or literal takes; empty for anything else. */
export function choicesOf(node: Node): readonly unknown[] {
  const def = definitionOf(node.schema);
  if (def.type === 'enum') return Object.values(def.entries);
  return def.type === 'literal' ? def.values : [];
}

/** Whether the value passes the schema. */
export function accepts(schema: Schema, value: unknown): boolean {
  return z.core.safeParse(schema, value).success;
}

/** The schema one step further down, or undefined when nothing like that is known. */
export function childOf(schema: Schema, key: string | number): Schema | undefined {
  const node = nodeOf(schema);
  if (node.kind === 'object') return keysOf(node).find(([name]) => name === key)?.[1];
  if (node.kind === 'list') return typeof key === 'number' ? elementOf(node) : undefined;
  if (node.kind === 'record') return recordValueOf(node);
  for (const option of alternativesOf(node)) {
    const found = childOf(option, key);
    if (found) return found;
  }
  return undefined;
}

/** The node at a path, or undefined when the schema knows no such path. `dormant` and `secret` are inherited from above. */
export function nodeAt(root: Schema, path: Path): Node | undefined {
  let schema = root;
  let node = nodeOf(schema);
  let dormant = node.dormant;
  let secret = node.secret;
  for (const key of path) {
    const child = childOf(schema, key);
    if (!child) return undefined;
    schema = child;
    node = nodeOf(schema);
    dormant = node.dormant ?? dormant;
    secret ||= node.secret;
  }
  return { ...node, dormant, secret };
}

/** The schema at a path with its wrappers (default, nullable …), or undefined. */
export function schemaAt(root: Schema, path: Path): Schema | undefined {
  return path.reduce<Schema | undefined>((schema, key) => schema && childOf(schema, key), root);
}

/** `['webhooks', 0, 'url']` -> `webhooks[0].url`. */
export function pathText(path: Path): string {
  let text = '';
  for (const key of path) text += typeof key === 'number' ? `[${key}]` : text === '' ? key : `.${key}`;
  return text;
}

/** A plain object, as JSON has it. */
export function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
