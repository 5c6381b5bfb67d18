/** Any JSON value. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/**
 * Replaces `{{key}}` in every text of a template by the scalar of that name. Unknown names and names of lists and objects stay as
 * they are, so that a typing mistake is seen at the receiver and nothing is sent that was not asked for.
 */
export function fillTemplate(template: Json, fields: Readonly<Record<string, unknown>>): Json {
  if (typeof template === 'string') {
    return template.replaceAll(/\{\{\s*([\w.]+)\s*\}\}/g, (whole, key: string) => {
      const value = Object.hasOwn(fields, key) ? fields[key] : undefined;
      return isScalar(value) ? String(value) : whole;
    });
  }
  if (Array.isArray(template)) return template.map((each) => fillTemplate(each, fields));
  if (typeof template === 'object' && template !== null) {
    return Object.fromEntries(Object.entries(template).map(([key, value]) => [key, fillTemplate(value, fields)]));
  }
  return template;
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
