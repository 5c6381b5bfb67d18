/** Decides which errors are the same mistake, and says why. Version 1 of the rules; the version is part of every fingerprint. */
import { hash } from './hash.ts';

/** What a group of errors is known by. */
export interface Fingerprint {
  /** 16 hex digits. */
  readonly id: string;
  /** The message with its variable parts replaced. */
  readonly title: string;
  /** First frame of the app's own code, e.g. `importBatch (src/import.ts:88)`; empty without a usable stack. */
  readonly culprit: string;
  /** What the fingerprint was made of, in words. */
  readonly groupedBy: string;
}

/** One line of a stack trace. */
export interface Frame {
  readonly functionName: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** False for Node's own code and for packages. */
  readonly inApp: boolean;
}

/** The variable parts of messages, in the order in which they are looked for. */
const variables: readonly (readonly [RegExp, string])[] = [
  [/[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,5}/g, '<email>'],
  [/\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s'"<>)\]]+/gi, '<url>'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<uuid>'],
  [/\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?/g, '<date>'],
  [/\b\d{1,2}:\d\d:\d\d(?:\.\d+)?\b/g, '<time>'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\b/g, '<ip>'],
  [/(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{1,4}(?![\w:])/gi, '<ip>'],
  [/\b0x[0-9a-f]+\b/gi, '<hex>'],
  [/\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b/gi, '<hex>'],
  [/(["'`])(?:(?!\1)[^\\\n]|\\.){1,200}\1/g, '<text>'],
  [/\b\d+(?:\.\d+)?\s?(?:ms|s|µs|us|ns|sec|seconds?|minutes?|hours?|days?|bytes|[kMGT]i?B)\b/g, '<amount>'],
  [/(?<![A-Za-z_])[+-]?\d+(?:[.,]\d+)*(?:e[+-]?\d+)?/g, '<n>'],
];

/** Replaces the variable parts of a message: numbers, ids, dates, addresses, quoted texts. */
export function parameterize(message: string): string {
  const lines = message.slice(0, 2000).split('\n', 8);
  let text = (lines.find((line) => line.trim() !== '') ?? '').trim().slice(0, 500);
  for (const [pattern, name] of variables) text = text.replace(pattern, name);
  return text.replace(/\s+/g, ' ').slice(0, 300);
}

/** Reads V8's stack traces; lines that are no frames are skipped. At most 50 frames. */
export function parseStack(stack: string): Frame[] {
  const frames: Frame[] = [];
  for (const line of stack.slice(0, 50_000).split('\n')) {
    const match = /^\s*at (?:(?:async )?(.*?) \()?((?:file:\/\/)?.{1,500}?):(\d+):(\d+)\)?\s*$/.exec(
      line.slice(0, 700),
    );
    if (!match) continue;
    const file = (match[2] ?? '')
      .replace(/^(?:async )?(?:file:\/\/)?/, '')
      .replace(/\\/g, '/')
      .replace(/\?.*$/, '');
    frames.push({
      functionName: plainName(match[1] ?? ''),
      file,
      line: Number(match[3]),
      column: Number(match[4]),
      inApp:
        !file.startsWith('node:') &&
        !file.includes('/node_modules/') &&
        file !== '<anonymous>' &&
        !file.startsWith('internal/'),
    });
    if (frames.length === 50) break;
  }
  return frames;
}

/** `Object.importBatch [as run]` and `new Importer` name the same code as `importBatch` and `Importer`. */
function plainName(name: string): string {
  const bare = name.replace(/^(?:async |new )+/, '').replace(/ \[as [^\]]+\]$/, '');
  return /^(?:Object|Module|Function|process|global)\.(.+)$/.exec(bare)?.[1] ?? bare;
}

/** A file as people know it: without the machine's folders in front, which differ from host to host. */
export function shortFile(file: string): string {
  const anchor = /^.*\/((?:src|lib|app|dist|build|server|packages|test|examples)\/.*)$/.exec(file);
  return anchor?.[1] ?? file.split('/').slice(-2).join('/');
}

/**
 * Groups by type, by the message without its variable parts, and by the function in the app's own code that raised it (file and
 * function, never the line: a deployment moves lines). Without such a frame by type and message alone.
 */
export function fingerprint(event: {
  readonly type: string;
  readonly message: string;
  readonly stack: string;
}): Fingerprint {
  const title = parameterize(event.message);
  const frame = parseStack(event.stack).find((candidate) => candidate.inApp);
  const place = frame ? `${frame.functionName || '(anonymous)'} in ${shortFile(frame.file)}` : '';
  const culprit = frame ? `${frame.functionName || '(anonymous)'} (${shortFile(frame.file)}:${frame.line})` : '';
  const groupedBy = frame
    ? `type ${event.type}, message "${title}" and the first frame of your own code, ${place} (rules v1)`
    : `type ${event.type} and message "${title}"; the stack has no frame of your own code (rules v1)`;
  return { id: hash(`v1\n${event.type}\n${title}\n${place}`), title: title || event.type, culprit, groupedBy };
}
