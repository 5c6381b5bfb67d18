import { cut, isSecretName, masked, redactText } from '../../model/redact.ts';
import type { ProbeAnswer } from './request.ts';

const mostHeaders = 30;
const longestLine = 200;
const longestHead = 3000;

/** The head of an answer as it came, secrets masked and bounded: kept when the answer is not as it should be. */
export function headOf({ httpVersion, status, statusText, rawHeaders }: ProbeAnswer): string {
  const lines = [`HTTP/${httpVersion} ${status} ${cut(redactText(statusText), 80)}`.trimEnd()];
  for (let i = 0; i + 1 < rawHeaders.length && lines.length <= mostHeaders; i += 2) {
    const name = rawHeaders[i]!;
    const value = isSecretName(name) ? masked : redactText(rawHeaders[i + 1]!);
    lines.push(cut(`${name}: ${value}`, longestLine));
  }
  const left = rawHeaders.length / 2 - mostHeaders;
  if (left > 0) lines.push(`… (${left} more headers)`);
  return cut(lines.join('\n'), longestHead);
}

/** The beginning of a body for people: text only, secrets masked. */
export function bodyExcerpt(kept: Buffer): string {
  const text = kept.subarray(0, 1024).toString('utf8');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what makes a body binary
  return /[\u0000-\u0008\u000e-\u001f]/.test(text) ? '[binary data]' : cut(redactText(text), 500);
}
