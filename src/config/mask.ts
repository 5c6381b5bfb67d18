import { isTree, nodeAt, type Path, type Schema } from './shape.ts';

/** What stands for a secret wherever a value is shown. */
export const masked = '***';

const secretName =
  /passw|passphrase|secret|token|api_?-?key|integration_?key|private_?key|credential|authorization|cookie/i;
/** Header values are shown only for names that never carry a secret. */
const harmlessHeaders = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'content-type',
  'host',
  'user-agent',
]);

/** The value as it may be shown: secrets become `***`, whatever their length; passwords inside addresses too. */
export function maskValue(root: Schema, path: Path, value: unknown): unknown {
  if (nodeAt(root, path)?.secret) return hide(value);
  const name = path.at(-1);
  const parent = path.at(-2);
  if (parent === 'headers' && typeof name === 'string' && !harmlessHeaders.has(name.toLowerCase())) return hide(value);
  if (typeof name === 'string' && secretName.test(name) && typeof value === 'string') return hide(value);
  if (typeof value === 'string') return maskText(value);
  if (Array.isArray(value)) return value.map((item, index) => maskValue(root, [...path, index], item));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, maskValue(root, [...path, key], item)]));
  }
  return value;
}

/** An empty secret stays visible as empty: that there is nothing to hide is worth knowing. Names of headers stay too. */
function hide(value: unknown): unknown {
  if (value === undefined || value === null || value === '') return value;
  if (typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map(hide);
  if (isTree(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, hide(item)]));
  return masked;
}

/** Masks the password and token-like parameters of addresses inside a text. */
export function maskText(text: string): string {
  return text
    .replaceAll(/([a-z][a-z0-9+.-]*:\/\/[^\s/?#:@]*):[^\s/?#]*@/gi, `$1:${masked}@`)
    .replaceAll(
      /([?&;\s]|^)((?:[\w-]*(?:passw|secret|token|key|signature)[\w-]*)|sig|auth)=[^\s&;]+/gi,
      `$1$2=${masked}`,
    )
    .replaceAll(/\b(bearer|basic)\s+[\w.~+/=-]{4,}/gi, `$1 ${masked}`);
}

/** True when a variable's name says that it holds a secret. */
export function namesSecret(name: string): boolean {
  return secretName.test(name) || /(^|_)(pass|pwd|key|sid|dsn|auth)(_|$)/i.test(name);
}
