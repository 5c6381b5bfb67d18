import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { isLoopback } from './auth/reachability.ts';

const worthIt = 4096;
const pack = promisify(gzip);

/** A JSON body as it goes out: packed when it is large, the browser takes it, and there is a network to spare. */
export async function packed(
  text: string,
  request: { readonly ip: string; readonly acceptEncoding: string | undefined },
): Promise<{ readonly body: string | Uint8Array<ArrayBuffer>; readonly headers: Readonly<Record<string, string>> }> {
  const takesIt = /(^|,)\s*gzip\s*(;\s*q=(1|0\.0*[1-9])[^,]*)?(,|$)/i.test(request.acceptEncoding ?? '');
  // On loopback the processor is dearer than the wire.
  if (text.length < worthIt || !takesIt || isLoopback(request.ip))
    return { body: text, headers: { vary: 'accept-encoding' } };
  const bytes = await pack(text, { level: constants.Z_BEST_SPEED });
  return { body: new Uint8Array(bytes), headers: { 'content-encoding': 'gzip', vary: 'accept-encoding' } };
}
