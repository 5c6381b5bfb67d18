import { alternativesOf, elementOf, keysOf, nodeOf, type Path, type Schema } from './shape.ts';

/** A name as the environment or an argument has it: lower case, words joined by `_`. */
export function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[-.]/g, '_');
}

/**
 * Finds the place a joined name such as `notifications_slack_webhook_url` means, by the longest known keys first;
 * numbers choose list elements (`webhooks_0_webhook_url`). Undefined when the schema knows no such place.
 */
export function pathOfName(schema: Schema, name: string): Path | undefined {
  const node = nodeOf(schema);
  if (node.kind === 'union') {
    for (const option of alternativesOf(node)) {
      const found = pathOfName(option, name);
      if (found) return found;
    }
    return undefined;
  }
  if (node.kind === 'list') return pathInList(elementOf(node), name);
  const keys = keysOf(node)
    .map(([key, child]) => ({ key, child, plain: plainName(key) }))
    .toSorted((a, b) => b.plain.length - a.plain.length);
  for (const { key, child, plain } of keys) {
    if (name === plain) return [key];
    if (!name.startsWith(`${plain}_`)) continue;
    const rest = pathOfName(child, name.slice(plain.length + 1));
    // A shorter key may still fit when the longest one leads nowhere.
    if (rest) return [key, ...rest];
  }
  return undefined;
}

function pathInList(element: Schema | undefined, name: string): Path | undefined {
  const match = /^(\d{1,4})(?:_(.+))?$/.exec(name);
  if (!match || !element) return undefined;
  const index = Number(match[1]);
  if (match[2] === undefined) return [index];
  const rest = pathOfName(element, match[2]);
  return rest && [index, ...rest];
}

/** Every joined name the schema knows (list elements left out), to guess what a wrong name meant. */
export function allNames(schema: Schema, prefix = ''): string[] {
  return keysOf(nodeOf(schema)).flatMap(([key, child]) => {
    const name = prefix === '' ? plainName(key) : `${prefix}_${plainName(key)}`;
    const below = allNames(child, name);
    return below.length > 0 ? below : [name];
  });
}
