import { z } from 'zod';

/** The named schemas of the OpenAPI document; what is registered here appears under `components/schemas`. */
export const named = z.registry<{ id: string; description?: string }>();

const schemas = new Map<string, z.ZodType>();

/** Every named schema by its name. */
export const namedSchemas: ReadonlyMap<string, z.ZodType> = schemas;

/** A schema with a name of its own in the OpenAPI document. */
export function name<S extends z.ZodType>(id: string, schema: S, description?: string): S {
  schemas.set(id, schema);
  named.add(schema, { id, ...(description !== undefined && { description }) });
  return schema;
}

export const at = z.number().meta({ description: 'Epoch milliseconds.' });
export const labels = z.record(z.string(), z.string());
export const anything = z.record(z.string(), z.unknown());
export const severity = z.enum(['debug', 'info', 'warning', 'error', 'critical']);
export const verdict = z.enum(['ok', 'warning', 'error', 'unknown']);
export const status = z.enum(['ok', 'warning', 'error', 'unknown', 'stale']);
export const number = z.number().nullable();
export const text = z.string().nullable();

export const apiError = name(
  'Error',
  z.object({
    error: z.object({
      code: z.string(),
      message: z.string(),
      path: z.string().optional(),
      hint: z.string().optional(),
    }),
  }),
  'Why a request was refused: the place, what was seen and what is allowed.',
);
