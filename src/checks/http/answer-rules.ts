import type { ConditionResult } from '../../model/check.ts';
import { cut, isSecretName, redactText } from '../../model/redact.ts';
import { jsonJudge } from '../conditions/json.ts';
import { type SchemaJudge, schemaJudge } from '../conditions/json-schema.ts';
import { type JsonRead, readJsonText } from '../conditions/json-text.ts';
import { containing, lacking, matching, type TextRule, textRules } from '../conditions/text.ts';
import type { EndpointSettings } from '../endpoint-settings.ts';
import type { ProbeAnswer } from './request.ts';

/** A condition of an endpoint on the answer itself, made once and asked each time. */
export type AnswerRule = (answer: ProbeAnswer) => readonly ConditionResult[];

type BodyOf = (answer: ProbeAnswer) => string;
type JsonOf = (answer: ProbeAnswer) => JsonRead;

/** The rules of an endpoint: none for one that only expects a status. `schema` is what `json_schema` was compiled to. */
export function answerRules(endpoint: EndpointSettings, schema: SchemaJudge | undefined): AnswerRule[] {
  const { body, json } = readers();
  return [
    ...Object.entries(endpoint.expected_headers ?? {}).flatMap(([name, expected]) => headerRules(name, expected)),
    ...(endpoint.expected_location === undefined ? [] : headerRules('location', endpoint.expected_location)),
    ...sizeRules(endpoint),
    ...list(endpoint.body_contains).map((part) => bodyRule(containing(part), body)),
    ...list(endpoint.body_not_contains).map((part) => bodyRule(lacking(part), body)),
    ...list(endpoint.body_matches).map((pattern) => bodyRule(matching(pattern), body)),
    ...list(endpoint.body_not_matches).map((pattern) => bodyRule(matching(pattern, false), body)),
    ...(endpoint.json ?? []).map((condition) => jsonRule(jsonJudge(condition), json)),
    ...(schema ? [schemaRule(schema, json)] : []),
  ];
}

/** Compiles the JSON Schema of an endpoint, when it has one. @throws SchemaProblem */
export async function schemaOf({ json_schema }: EndpointSettings): Promise<SchemaJudge | undefined> {
  return json_schema === undefined ? undefined : schemaJudge(json_schema);
}

const list = <T>(given: T | readonly T[] | undefined): readonly T[] =>
  given === undefined ? [] : Array.isArray(given) ? (given as readonly T[]) : [given as T];

/** Each answer's body is decoded and parsed once, however many conditions ask for it. */
function readers(): { body: BodyOf; json: JsonOf } {
  const bodies = new WeakMap<ProbeAnswer, string>();
  const documents = new WeakMap<ProbeAnswer, ReturnType<JsonOf>>();
  const body: BodyOf = (answer) => {
    const known = bodies.get(answer) ?? answer.body.kept.toString('utf8');
    bodies.set(answer, known);
    return known;
  };
  const json: JsonOf = (answer) => {
    const known = documents.get(answer) ?? readJsonText(body(answer));
    documents.set(answer, known);
    return known;
  };
  return { body, json };
}

function headerRules(name: string, expected: Parameters<typeof textRules>[0]): AnswerRule[] {
  const key = name.toLowerCase();
  const secret = isSecretName(key);
  return textRules(expected).map(
    (rule): AnswerRule =>
      ({ headers }) => {
        const given = headers[key];
        const value = given === undefined ? undefined : String(given);
        const shown = value === undefined ? 'no such header' : secret ? '[masked]' : cut(redactText(value), 200);
        return [
          {
            condition: `header ${key} ${secret ? rule.words.replace(/".*"/, '"[masked]"') : rule.words}`,
            met: rule.met(value),
            seen: shown,
            severity: 'error',
          },
        ];
      },
  );
}

function sizeRules({ min_body_bytes: least, expected_body_bytes: most }: EndpointSettings): AnswerRule[] {
  const rule = (condition: string, met: (bytes: number) => boolean): AnswerRule => {
    return ({ body, headers }) => {
      // A body that was not read for its announced length has that length.
      const bytes = body.end === 'unread' ? Number(headers['content-length'] ?? 0) : body.bytes;
      return [{ condition, met: met(bytes), seen: `${bytes} bytes`, severity: 'error' }];
    };
  };
  return [
    ...(least === undefined ? [] : [rule(`the body has at least ${least} bytes`, (bytes) => bytes >= least)]),
    ...(most === undefined ? [] : [rule(`the body has at most ${most} bytes`, (bytes) => bytes <= most)]),
  ];
}

function bodyRule(rule: TextRule, body: BodyOf): AnswerRule {
  return (answer) => {
    const text = body(answer);
    const seen = text === '' ? 'an empty body' : `${answer.body.bytes} bytes: ${excerpt(text)}`;
    return [{ condition: redactText(`the body ${rule.words}`), met: rule.met(text), seen, severity: 'error' }];
  };
}

function jsonRule(judge: ReturnType<typeof jsonJudge>, json: JsonOf): AnswerRule {
  return (answer) => {
    const read = json(answer);
    if ('document' in read) return [judge(read.document)];
    const { condition, severity } = judge(undefined);
    return [{ condition, met: false, seen: read.problem, severity }];
  };
}

function schemaRule(judge: SchemaJudge, json: JsonOf): AnswerRule {
  return (answer) => {
    const read = json(answer);
    const problem = 'problem' in read ? read.problem : judge(read.document);
    const condition = 'the body fits json_schema';
    return [{ condition, met: problem === undefined, seen: problem ?? 'it fits', severity: 'error' }];
  };
}

/** The beginning of a text on one line, secrets masked. */
function excerpt(text: string): string {
  return JSON.stringify(cut(redactText(text.slice(0, 400)), 120));
}
