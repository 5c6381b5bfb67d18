import { z } from 'zod';
import { MonitorError } from '../model/problem.ts';
import { masked, maskValue } from './mask.ts';
import { nodeAt, type Path, pathText, type Schema } from './shape.ts';
import { lookUp, type Tree } from './tree.ts';

/** One thing that is wrong with the configuration. */
export interface ConfigurationProblem {
  /** Where, e.g. `monitoring.dashboard_port`; empty when it is not about one key. */
  readonly path: string;
  /** What stands there, masked when it is secret; undefined when nothing does. */
  readonly value?: unknown;
  /** What is wrong and what is allowed, e.g. `must be a whole number from 0 to 65535`. */
  readonly message: string;
  /** `file …`, `environment …`, `argument …`, or `default`. */
  readonly origin: string;
}

/** The configuration cannot be used; holds every problem, not only the first. */
export class ConfigurationError extends MonitorError {
  readonly problems: readonly ConfigurationProblem[];

  constructor(problems: readonly ConfigurationProblem[]) {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    super(
      'configuration-invalid',
      `The configuration has ${count}:\n${problems.map((problem) => `  ${problemText(problem)}`).join('\n')}`,
      {
        hint: 'Correct and start again. docs/configuration.md lists every key; `cryomon config check` tests without starting.',
      },
    );
    this.problems = problems;
  }
}

function problemText({ path, value, message, origin }: ConfigurationProblem): string {
  const place = path === '' ? '' : value === undefined ? `${path}: ` : `${path} = ${shown(value)}: `;
  return `${place}${message} (${origin})`;
}

function shown(value: unknown): string {
  if (value === masked) return masked;
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 120 ? `${text.slice(0, 117)}…` : text;
}

/** What zod found, in our words: one problem per place. */
export function problemsOf(schema: Schema, tree: Tree, issues: readonly z.core.$ZodIssue[]): ConfigurationProblem[] {
  return issues.flatMap((issue) => {
    const path = issue.path.filter((key) => typeof key !== 'symbol');
    const keys = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...path, key]) : [path];
    return keys.map((place) => {
      const seen = lookUp(tree.values, place);
      const value = tree.isHidden(place) ? masked : maskValue(schema, place, seen);
      return {
        path: pathText(place),
        ...(value === undefined ? {} : { value }),
        message: messageOf(schema, place, issue, seen),
        origin: tree.originAround(place),
      };
    });
  });
}

function messageOf(schema: Schema, path: Path, issue: z.core.$ZodIssue, seen: unknown): string {
  if (issue.code === 'unrecognized_keys') return 'is not a known key';
  if (issue.code === 'custom') return issue.message;
  // A sentence the schema's owner wrote for a rule says more than the type does.
  if (!/^(Invalid|Too (small|big)|Unrecognized)/.test(issue.message)) return issue.message;
  const node = nodeAt(schema, path);
  const allowed = node ? allowedText(node.schema, node.nullable) : 'something else';
  return seen === undefined ? `is missing; it must be ${allowed}` : `must be ${allowed}`;
}

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** What a schema allows, in words: `a whole number from 0 to 65535`. */
export function allowedText(schema: Schema, nullable = false): string {
  const text = wordsOf(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema);
  return nullable ? `${text}, or null` : text;
}

function wordsOf(json: JsonSchema): string {
  if (json.enum)
    return json.enum.length === 1 ? JSON.stringify(json.enum[0]) : `one of ${json.enum.map(String).join(', ')}`;
  if (json.const !== undefined) return JSON.stringify(json.const);
  const alternatives = json.anyOf ?? json.oneOf;
  if (alternatives) return anyOfWords(alternatives as JsonSchema[]);
  if (Array.isArray(json.type)) return json.type.map((type) => wordsOf({ ...json, type } as JsonSchema)).join(', or ');
  switch (json.type) {
    case 'integer':
      return `a whole number${rangeOf(json)}`;
    case 'number':
      return `a number${rangeOf(json)}`;
    case 'boolean':
      return 'true or false';
    case 'string':
      return textWords(json);
    case 'array':
      return `a list (${wordsOf((json.items ?? {}) as JsonSchema)} each)`;
    case 'object':
      return 'an object { … }';
    case 'null':
      return 'null';
    default:
      return 'any value';
  }
}

/** Objects of several kinds are told apart by the key that names the kind. */
function anyOfWords(options: readonly JsonSchema[]): string {
  const constant = (option: JsonSchema, key: string) => (option.properties?.[key] as JsonSchema | undefined)?.const;
  const key = Object.keys(options[0]?.properties ?? {}).find((one) =>
    options.every((option) => constant(option, one) !== undefined),
  );
  if (key === undefined) return [...new Set(options.map(wordsOf))].join(', or ');
  return `an object { … } whose ${key} is one of ${options.map((option) => String(constant(option, key))).join(', ')}`;
}

function textWords(json: JsonSchema): string {
  if (json.format === 'uri') return 'an address such as https://example.com/path';
  if (json.format === 'email') return 'an e-mail address';
  if (json.pattern) return `a text of the form ${json.pattern}`;
  return (json.minLength ?? 0) > 0 ? 'a text that is not empty' : 'a text';
}

function rangeOf(json: JsonSchema): string {
  const safe = (bound: number | undefined) =>
    bound === undefined || Math.abs(bound) >= Number.MAX_SAFE_INTEGER ? undefined : bound;
  const low = safe(json.minimum);
  const high = safe(json.maximum);
  const above = json.exclusiveMinimum;
  const below = json.exclusiveMaximum;
  const start = low !== undefined ? ` from ${low}` : above !== undefined ? ` above ${above}` : '';
  const end =
    high !== undefined ? `${low === undefined ? ' up' : ''} to ${high}` : below !== undefined ? ` below ${below}` : '';
  if (start !== '' && end === '' && low !== undefined) return ` of ${low} or more`;
  return `${start}${end}`;
}
