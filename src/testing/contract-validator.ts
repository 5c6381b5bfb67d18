import { readFileSync } from 'node:fs';
import Ajv, { type ValidateFunction } from 'ajv';
import { readPlainYaml } from './plain-yaml.ts';

type Json = Record<string, unknown>;

/** Formats of the contract files that say nothing about the text itself. */
const formats = [
  'phone-number',
  'date-time-rfc-2822',
  'uri-map',
  'currency',
  'url',
  'uri',
  'int32',
  'date-time',
  'snowflake',
  'double',
];

/** A contract of `test/contracts/` as JSON. */
export function readContract(file: string): Json {
  const text = readFileSync(new URL(`../../test/contracts/${file}`, import.meta.url), 'utf8');
  return (file.endsWith('.yaml') ? readPlainYaml(text) : JSON.parse(text)) as Json;
}

/** Makes the test of one schema of a contract; `root` holds what its references lead to. */
export function compileContract(schema: object, root: object = {}): ValidateFunction {
  const ajv = new Ajv.default({ strict: false, formats: Object.fromEntries(formats.map((name) => [name, true])) });
  return ajv.compile(withNullTypes({ ...schema, ...root }) as object);
}

/** OpenAPI 3.0 says `nullable: true` where JSON Schema has a list of types. */
function withNullTypes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withNullTypes);
  if (typeof value !== 'object' || value === null) return value;
  const out = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withNullTypes(inner)]));
  if (out['nullable'] === true && typeof out['type'] === 'string') out['type'] = [out['type'], 'null'];
  return out;
}
