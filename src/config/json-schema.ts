import { z } from 'zod';

type Json = Record<string, unknown>;

/**
 * The JSON Schema of the configuration file, for editors: made from the same schema that validates it.
 * Secrets are `writeOnly`, keys that do nothing yet say so, and `${VARIABLE}` is allowed wherever not any text is.
 */
export function jsonSchemaOf(schema: z.ZodType, title: string): Json {
  const json = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => adapt(jsonSchema as Json),
  }) as Json;
  const { $schema, properties, $defs, ...rest } = json;
  return {
    $schema,
    title,
    ...rest,
    $defs: { ...($defs as Json | undefined), variable },
    properties: {
      $schema: { type: 'string', description: 'Address of this schema, for editors.' },
      ...(properties as Json),
    },
  };
}

const variable = {
  type: 'string',
  pattern: '\\$\\{\\w+(:-[^}]*)?\\}',
  description: 'Value of an environment variable.',
};

function adapt(json: Json): void {
  if (json.secret === true) json.writeOnly = true;
  if (typeof json.dormant === 'string')
    json.description = `${json.description ?? ''} No effect yet: ${json.dormant}.`.trim();
  delete json.secret;
  delete json.dormant;
  // Zod writes the bounds of safe integers, which tell a person nothing.
  if (json.maximum === Number.MAX_SAFE_INTEGER) delete json.maximum;
  if (json.minimum === Number.MIN_SAFE_INTEGER) delete json.minimum;
  if (json.format === 'starts_with') delete json.format;
  const strict = json.type === 'string' && (json.enum ?? json.format ?? json.pattern) !== undefined;
  if (strict || json.type === 'number' || json.type === 'integer' || json.type === 'boolean') allowVariable(json);
  // That keys are texts goes without saying.
  delete json.propertyNames;
  if (json.type === 'object' && typeof json.properties === 'object') {
    // `password_file` and the like read the value from a file.
    json.patternProperties = { '^(//|_comment)': {}, _file$: { type: 'string' } };
  }
}

function allowVariable(json: Json): void {
  const { description, default: fallback, anyOf: _, ...plain } = json;
  for (const key of Object.keys(json)) delete json[key];
  Object.assign(json, {
    ...(description === undefined ? {} : { description }),
    ...(fallback === undefined ? {} : { default: fallback }),
    anyOf: [plain, { $ref: '#/$defs/variable' }],
  });
}
