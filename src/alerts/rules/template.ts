/** What a template may name, besides `labels.x`. */
export const templateNames = [
  'value',
  'threshold',
  'unit',
  'duration',
  'severity',
  'reason',
  'rule',
  'alert_type',
  'source',
] as const;
export type TemplateName = (typeof templateNames)[number];

/** The words a template is filled with. */
export interface TemplateFacts {
  readonly words: Readonly<Record<TemplateName, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

/** A template that was read: texts and names in turn. */
export type Template = readonly (string | { readonly name: TemplateName } | { readonly label: string })[];

/** A template that cannot be read, with what is wrong and what is allowed. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

/**
 * Reads a text with places like `{{ value }}` or `{{ labels.path }}`. There is nothing but these: no code, no loops, no filters, so a
 * template can neither fail nor take long when an alert is told. Throws TemplateError for a name that is not known.
 */
export function readTemplate(text: string): Template {
  const parts: Template[number][] = [];
  let rest = 0;
  for (const found of text.matchAll(/\{\{([^{}]*)\}\}/g)) {
    if (found.index > rest) parts.push(text.slice(rest, found.index));
    parts.push(readName(found[1]!.trim()));
    rest = found.index + found[0].length;
  }
  const tail = text.slice(rest);
  if (tail.includes('{{'))
    throw new TemplateError(`"{{" is not closed by "}}" in ${JSON.stringify(text.slice(0, 80))}`);
  if (tail !== '') parts.push(tail);
  return parts;
}

function readName(name: string): Template[number] {
  const label = /^labels\.([a-zA-Z_][a-zA-Z0-9_]*)$/.exec(name);
  if (label) return { label: label[1]! };
  const known = templateNames.find((each) => each === name);
  if (known) return { name: known };
  throw new TemplateError(
    `{{ ${name} }} is not known here; there are ${templateNames.map((each) => `{{ ${each} }}`).join(', ')} and {{ labels.NAME }}`,
  );
}

/** The labels that a template names. */
export function labelsIn(template: Template): string[] {
  return template.flatMap((part) => (typeof part === 'object' && 'label' in part ? [part.label] : []));
}

/** Fills a template in; a label that an alert does not have is empty. At most 2000 characters. */
export function fillTemplate(template: Template, { words, labels }: TemplateFacts): string {
  const filled = template
    .map((part) => {
      if (typeof part === 'string') return part;
      if ('name' in part) return words[part.name];
      return Object.hasOwn(labels, part.label) ? labels[part.label]! : '';
    })
    .join('');
  return filled.length > 2000 ? `${filled.slice(0, 1999)}…` : filled;
}
