import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from 'node:http2';
import type { Socket } from 'node:net';
import type { Progress } from '../network/progress.ts';

/** What a unary call brought back. */
export interface GrpcAnswer {
  /** The HTTP status; gRPC has 200 also for failures. */
  readonly httpStatus: number;
  /** `grpc-status`: 0 is ok; undefined when the other side speaks no gRPC. */
  readonly status: number | undefined;
  readonly message: string;
  readonly data: Buffer;
}

/** A health message has a few bytes. */
const mostBytes = 16 * 1024;
const mostHeaderPairs = 64;

/** Calls one method over a connection that stands. Rejects with the protocol's error or the signal's reason; ends the session. */
export async function unaryCall(
  socket: Socket,
  call: { readonly authority: string; readonly secure: boolean; readonly path: string; readonly request: Buffer },
  signal: AbortSignal,
  progress: Progress,
): Promise<GrpcAnswer> {
  const session = connect(`${call.secure ? 'https' : 'http'}://${call.authority}`, {
    createConnection: () => socket,
    maxHeaderListPairs: mostHeaderPairs,
    maxSessionMemory: 1,
    settings: { enablePush: false, maxHeaderListSize: 16_384, initialWindowSize: 65_535 },
  });
  try {
    return await answerOf(session, call, signal, progress);
  } finally {
    session.destroy();
  }
}

function answerOf(
  session: ClientHttp2Session,
  { authority, secure, path, request }: Parameters<typeof unaryCall>[1],
  signal: AbortSignal,
  progress: Progress,
): Promise<GrpcAnswer> {
  return new Promise((resolve, reject) => {
    let head: IncomingHttpHeaders = {};
    let trailers: IncomingHttpHeaders = {};
    const kept: Buffer[] = [];
    const end = (error?: Error) => {
      signal.removeEventListener('abort', onAbort);
      if (error) return reject(error);
      progress.mark('answer', 'answer');
      const said = { ...head, ...trailers };
      const status = said['grpc-status'];
      resolve({
        httpStatus: Number(head[':status'] ?? 0),
        status: status === undefined ? undefined : Number(status),
        message: safeDecode(String(said['grpc-message'] ?? '')),
        data: Buffer.concat(kept),
      });
    };
    const onAbort = () => end(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    session.on('error', end);
    session.on('close', () => end(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      ':scheme': secure ? 'https' : 'http',
      ':authority': authority,
      'content-type': 'application/grpc',
      'user-agent': 'cryoprotect-monitoring',
      te: 'trailers',
    });
    stream.on('error', end);
    stream.on('response', (headers) => {
      head = headers;
      progress.mark('first_byte', 'answer');
    });
    stream.on('trailers', (headers) => {
      trailers = headers;
    });
    stream.on('data', (chunk: Buffer) => {
      progress.bytes += chunk.length;
      if (progress.bytes > mostBytes) return end(new Error(`the answer goes on after ${mostBytes} bytes`));
      kept.push(Buffer.from(chunk));
    });
    stream.on('end', () => {
      // A connection that is cut ends the stream before it says anything.
      if (head[':status'] === undefined) return end(Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
      return end();
    });
    stream.end(request);
  });
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
