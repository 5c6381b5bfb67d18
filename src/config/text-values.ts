import { accepts, alternativesOf, choicesOf, elementOf, type Kind, type Node, nodeOf, type Schema } from './shape.ts';

const yes = new Set(['true', 'yes', 'on', '1']);
const no = new Set(['false', 'no', 'off', '0']);

/**
 * Reads a text (environment, argument, `${VARIABLE}`) as the schema wants it: `1` is a number where a number is wanted, true where a
 * boolean is wanted and the text "1" where a text is wanted. What does not fit stays text, for the validation to refuse with its place.
 */
export function valueOfText(schema: Schema, text: string): unknown {
  const node = nodeOf(schema);
  if (node.nullable && (text.trim() === '' || text.trim() === 'null')) return null;
  switch (node.kind) {
    case 'boolean':
      return booleanOf(text);
    case 'number':
      return numberOf(text);
    case 'enum':
      return choiceOf(node, text);
    case 'list':
      return listOf(node, text);
    case 'object':
    case 'record':
      return jsonOf(text, '{');
    case 'union':
      return alternativeOf(node, text);
    case 'anything':
      return jsonOf(text, '{') === text ? jsonOf(text, '[') : jsonOf(text, '{');
    default:
      return text;
  }
}

function booleanOf(text: string): unknown {
  const word = text.trim().toLowerCase();
  if (yes.has(word)) return true;
  return no.has(word) ? false : text;
}

function numberOf(text: string): unknown {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : text;
}

function choiceOf(node: Node, text: string): unknown {
  const word = text.trim();
  const choices = choicesOf(node);
  return (
    choices.find((choice) => String(choice) === word) ??
    choices.find((choice) => String(choice).toLowerCase() === word.toLowerCase()) ??
    text
  );
}

/** A JSON list, or values separated by commas. */
function listOf(node: Node, text: string): unknown {
  const trimmed = text.trim();
  if (trimmed === '') return [];
  if (trimmed.startsWith('[')) return jsonOf(trimmed, '[');
  const element = elementOf(node);
  if (!element) return text;
  if (trimmed.startsWith('{')) {
    const one = jsonOf(trimmed, '{');
    return one === trimmed ? text : [one];
  }
  return trimmed.split(',').map((part) => valueOfText(element, part.trim()));
}

function jsonOf(text: string, start: string): unknown {
  if (!text.trim().startsWith(start)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** The first alternative that takes what it makes of the text; a text that looks like a list or an object tries those first. */
function alternativeOf(node: Node, text: string): unknown {
  const start = text.trim()[0];
  const first: readonly Kind[] = start === '[' ? ['list'] : start === '{' ? ['object', 'record'] : [];
  const rank = (option: Schema) => (first.includes(nodeOf(option).kind) ? 0 : 1);
  for (const option of alternativesOf(node).toSorted((a, b) => rank(a) - rank(b))) {
    const value = valueOfText(option, text);
    if (accepts(option, value)) return value;
  }
  return text;
}
