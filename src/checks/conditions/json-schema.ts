import type { ErrorObject, ValidateFunction } from 'ajv';
import { cut, redactText } from '../../model/redact.ts';
import { searchFor } from './search.ts';

/** Judges documents by a JSON Schema: undefined when the document fits, else what does not, in words. */
export type SchemaJudge = (document: unknown) => string | undefined;

/** The schema itself is wrong: nothing can be said about the document. */
export class SchemaProblem extends Error {
  override readonly name = 'SchemaProblem';
}

const mostErrors = 3;

/**
 * Makes a judge of a schema (draft 2020-12, or draft-07 when its `$schema` says so). The library is loaded when the first endpoint asks
 * for it. Patterns in the schema are matched without backtracking, because documents come from strangers.
 * @throws SchemaProblem
 */
export async function schemaJudge(schema: object | boolean): Promise<SchemaJudge> {
  const old = JSON.stringify((schema as { $schema?: unknown }).$schema ?? '').includes('draft-07');
  const { Ajv } = old
    ? await import('ajv')
    : await import('ajv/dist/2020.js').then(({ Ajv2020 }) => ({ Ajv: Ajv2020 }));
  let validate: ValidateFunction;
  try {
    const regExp = Object.assign((pattern: string) => ({ test: searchFor(pattern) }), { code: 'undefined' });
    validate = new Ajv({
      allErrors: false,
      strict: false,
      logger: false,
      validateFormats: false,
      code: { regExp },
    }).compile(schema);
  } catch (error) {
    throw new SchemaProblem(
      `json_schema is not valid: ${error instanceof Error ? cut(error.message, 300) : String(error)}`,
    );
  }
  return (document) => {
    try {
      if (validate(document)) return undefined;
    } catch (error) {
      return `it cannot be judged: ${error instanceof Error ? cut(error.message, 120) : 'too deep'}`;
    }
    return (validate.errors ?? []).slice(0, mostErrors).map(words).join('; ') || 'it does not fit';
  };
}

function words({ instancePath, message, params }: ErrorObject): string {
  const more = 'additionalProperty' in params ? ` (${String(params.additionalProperty)})` : '';
  return cut(redactText(`${instancePath || 'the document'} ${message ?? 'does not fit'}${more}`), 200);
}
