import { Refusal } from './refusal.ts';

/** Reads a body of lines of JSON (`application/x-ndjson`) of at most `limit` bytes, as text. Throws a Refusal. */
export async function readLines(request: Request, limit: number): Promise<string> {
  const type = request.headers.get('content-type');
  if (type === null || !/^application\/(x-)?ndjson\s*(;|$)/i.test(type)) {
    throw new Refusal('not-json', `The body is ${type === null ? 'of no stated type' : type.slice(0, 80)}.`, {
      path: 'header.content-type',
      hint: 'Send lines of JSON with content-type: application/x-ndjson.',
    });
  }
  return (await readPlain(request, limit)).toString('utf8');
}

/** Reads a JSON body of at most `limit` bytes. An empty body is an empty object. Throws a Refusal. */
export async function readJson(request: Request, limit: number): Promise<unknown> {
  const type = request.headers.get('content-type');
  const bytes = await readPlain(request, limit);
  if (bytes.length === 0) return {};
  if (type === null || !/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type)) {
    throw new Refusal('not-json', `The body is ${type === null ? 'of no stated type' : type.slice(0, 80)}.`, {
      path: 'header.content-type',
      hint: 'Send JSON with content-type: application/json.',
    });
  }
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch (error) {
    // The parser's message quotes the body; only the place is told back.
    const place = error instanceof Error ? /position \d+/.exec(error.message)?.[0] : undefined;
    throw new Refusal('bad-json', `The body is not valid JSON${place === undefined ? '' : ` (at ${place})`}.`, {
      path: 'body',
    });
  }
}

/** Reads a body of at most `limit` bytes as text, whatever it says it is. Throws a Refusal. */
export async function readText(request: Request, limit: number): Promise<string> {
  if (Number(request.headers.get('content-length') ?? '0') > limit) throw tooLarge(limit);
  return (await readBytes(request, limit)).toString('utf8');
}

/** The bytes of a body that is not packed. */
async function readPlain(request: Request, limit: number): Promise<Buffer> {
  const length = Number(request.headers.get('content-length') ?? '0');
  if (length > limit) throw tooLarge(limit);
  const encoding = request.headers.get('content-encoding');
  if (encoding !== null && encoding !== 'identity') {
    throw new Refusal('not-json', `Bodies with content-encoding ${encoding.slice(0, 40)} are not taken.`, {
      path: 'header.content-encoding',
    });
  }
  return readBytes(request, limit);
}

async function readBytes(request: Request, limit: number): Promise<Buffer> {
  if (request.body === null) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = (request.body as ReadableStream<Uint8Array>).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks);
    size += value.length;
    if (size > limit) {
      await reader.cancel();
      throw tooLarge(limit);
    }
    chunks.push(value);
  }
}

function tooLarge(limit: number): Refusal {
  return new Refusal('too-large', `The body is larger than ${limit} bytes.`, {
    path: 'body',
    hint: 'Send less at once.',
    headers: { connection: 'close' },
  });
}
