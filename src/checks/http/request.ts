import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import { type Certificate, readCertificate } from './certificate.ts';

/** One HTTP request over a connection of its own. */
export interface ProbeRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly verifyTls: boolean;
  /** false: the verdict is made from the headers, the body is cut off. */
  readonly readBody: boolean;
  /** Reading stops here. */
  readonly maxBodyBytes: number;
  /** So many bytes of the body are kept for conditions and evidence; the rest is only counted. */
  readonly keepBytes: number;
  /** Ends everything, DNS and body included. */
  readonly signal: AbortSignal;
  readonly monotonic: () => number;
}

/** Why reading the body ended. `unread`: nobody wanted it, or its announced length is over the limit. */
export type BodyEnd = 'complete' | 'unread' | 'over-limit' | 'cut';

export interface ProbeAnswer {
  readonly status: number;
  readonly httpVersion: string;
  readonly headers: IncomingMessage['headers'];
  readonly address: string | undefined;
  readonly body: { readonly end: BodyEnd; readonly bytes: number; readonly kept: Buffer };
  readonly certificate: Certificate | undefined;
}

/** What is known while it goes on, so that a timeout can say what it was waiting for. */
export interface ProbeProgress {
  /** ms by phase, in order: dns, connect, tls, first_byte, body. */
  readonly phases: Record<string, number>;
  stage: 'dns' | 'connect' | 'tls' | 'first_byte' | 'body';
  bytes: number;
}

/** Makes the place where a probe notes how far it is. */
export function startProgress(): ProbeProgress {
  return { phases: {}, stage: 'dns', bytes: 0 };
}

/** A server may say "wait" (status 1xx) before it answers, but not for ever. */
const mostInterimAnswers = 10;

let sharedContext: SecureContext | undefined;

/** Asks once. Rejects with the network's error, or the signal's reason; an answer of any status resolves. */
export function probe(request: ProbeRequest, progress: ProbeProgress): Promise<ProbeAnswer> {
  return new Promise((resolve, reject) => {
    const { url, signal } = request;
    const clientRequest = open(request);
    const mark = marker(request, progress);
    let answered = false;

    const onAbort = () => fail(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    const done = () => signal.removeEventListener('abort', onAbort);
    const fail = (error: Error) => {
      done();
      clientRequest.destroy();
      reject(error);
    };
    clientRequest.once('socket', (socket) => followSocket(socket, url.protocol === 'https:', progress, mark));
    // Destroying what is half read makes late errors; once there is an answer they are no news.
    clientRequest.on('error', (error) => !answered && fail(error));
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    let interim = 0;
    clientRequest.on('information', () => {
      interim += 1;
      if (interim > mostInterimAnswers) fail(new Error('interim answers (status 1xx) come without end'));
    });
    clientRequest.once('upgrade', (response, socket) => {
      socket.destroy();
      answered = true;
      done();
      resolve(answerOf(response, socket as Socket, { end: 'unread', bytes: 0, kept: Buffer.alloc(0) }));
    });
    clientRequest.once('response', (response) => {
      answered = true;
      mark('first_byte');
      progress.stage = 'body';
      const socket = response.socket;
      // Read while the connection is open: afterwards there is neither address nor certificate.
      const head = answerOf(response, socket, { end: 'unread', bytes: 0, kept: Buffer.alloc(0) });
      readBody(request, response, progress).then((body) => {
        done();
        mark('body');
        clientRequest.destroy();
        resolve({ ...head, body });
      }, fail);
    });
    clientRequest.end(request.body);
  });
}

function open(request: ProbeRequest): ClientRequest {
  const { url, method, headers, verifyTls } = request;
  // No agent: each probe has a connection of its own, as a new client of the service would have.
  const options = { method, headers: { connection: 'close', ...headers }, agent: false as const };
  if (url.protocol !== 'https:') return httpRequest(url, options);
  sharedContext ??= createSecureContext();
  // Node passes this on to tls.connect; its types do not know.
  const secure = { ...options, secureContext: sharedContext, rejectUnauthorized: verifyTls };
  return httpsRequest(url, secure);
}

type Marker = (phase: ProbeProgress['stage']) => void;

function marker(request: ProbeRequest, progress: ProbeProgress): Marker {
  let before = request.monotonic();
  return (phase) => {
    const now = request.monotonic();
    progress.phases[phase] = (progress.phases[phase] ?? 0) + now - before;
    before = now;
  };
}

function followSocket(socket: Socket, secure: boolean, progress: ProbeProgress, mark: Marker): void {
  socket.once('lookup', () => {
    mark('dns');
    progress.stage = 'connect';
  });
  socket.once('connect', () => {
    mark('connect');
    progress.stage = secure ? 'tls' : 'first_byte';
  });
  if (!secure) return;
  socket.once('secureConnect', () => {
    mark('tls');
    progress.stage = 'first_byte';
  });
}

function answerOf(response: IncomingMessage, socket: Socket, body: ProbeAnswer['body']): ProbeAnswer {
  return {
    status: response.statusCode ?? 0,
    httpVersion: response.httpVersion,
    headers: response.headers,
    address: socket.remoteAddress,
    certificate: socket instanceof TLSSocket ? readCertificate(socket) : undefined,
    body,
  };
}

function readBody(
  request: ProbeRequest,
  response: IncomingMessage,
  progress: ProbeProgress,
): Promise<ProbeAnswer['body']> {
  const { maxBodyBytes, keepBytes } = request;
  const announced = Number(response.headers['content-length'] ?? Number.NaN);
  const nothing = { end: 'unread' as const, bytes: 0, kept: Buffer.alloc(0) };
  if (!request.readBody || (announced > maxBodyBytes && keepBytes < maxBodyBytes)) return Promise.resolve(nothing);
  const kept: Buffer[] = [];
  let keptBytes = 0;
  return new Promise((resolve) => {
    const end = (how: BodyEnd) => resolve({ end: how, bytes: progress.bytes, kept: Buffer.concat(kept) });
    response.on('data', (chunk: Buffer) => {
      progress.bytes += chunk.length;
      if (keptBytes < keepBytes) {
        // A copy, because a slice would hold the whole chunk in memory.
        const part = Buffer.from(chunk.subarray(0, keepBytes - keptBytes));
        kept.push(part);
        keptBytes += part.length;
      }
      if (progress.bytes > maxBodyBytes) {
        end('over-limit');
        response.destroy();
      }
    });
    response.once('end', () => end(response.complete ? 'complete' : 'cut'));
    response.once('error', () => end('cut'));
    response.once('close', () => end(response.complete ? 'complete' : 'cut'));
  });
}
