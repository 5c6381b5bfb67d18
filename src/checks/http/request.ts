import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type Certificate, distrust, readCertificate, readChain } from '../network/certificate.ts';
import { noteAddress, type Progress } from '../network/progress.ts';
import type { ProbeRequest } from './dial.ts';
import { openThroughProxy } from './proxy.ts';

/** Why reading the body ended. `unread`: nobody wanted it, or its announced length is over the limit. */
export type BodyEnd = 'complete' | 'unread' | 'over-limit' | 'cut';

export interface ProbeAnswer {
  readonly status: number;
  readonly httpVersion: string;
  readonly headers: IncomingMessage['headers'];
  /** Names and values in turn, as they came: evidence. */
  readonly rawHeaders: readonly string[];
  readonly statusText: string;
  readonly address: string | undefined;
  readonly body: { readonly end: BodyEnd; readonly bytes: number; readonly kept: Buffer };
  readonly certificate: Certificate | undefined;
}

/** A server may say "wait" (status 1xx) before it answers, but not for ever. */
const mostInterimAnswers = 10;

/** Asks once. Rejects with the network's error, or the signal's reason; an answer of any status resolves. */
export function probe(request: ProbeRequest, progress: Progress): Promise<ProbeAnswer> {
  return new Promise((resolve, reject) => {
    const { signal } = request;
    const { guard, connectTo, origin } = request.dial;
    guard?.judge((request.url.origin === origin && connectTo?.host) || request.url.hostname);
    const clientRequest = open(request, progress);
    let answered = false;

    const onAbort = () => fail(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    const done = () => signal.removeEventListener('abort', onAbort);
    const fail = (error: Error) => {
      done();
      clientRequest.destroy();
      reject(error);
    };
    clientRequest.once('socket', (socket) => followSocket(socket, request, progress, fail));
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
      progress.mark('first_byte', 'body');
      const socket = response.socket;
      // Read while the connection is open: afterwards there is neither address nor certificate.
      const head = answerOf(response, socket, { end: 'unread', bytes: 0, kept: Buffer.alloc(0) });
      readBody(request, response, progress).then((body) => {
        done();
        progress.mark('body', 'body');
        clientRequest.destroy();
        resolve({ ...head, body });
      }, fail);
    });
    clientRequest.end(request.body);
  });
}

function open(request: ProbeRequest, progress: Progress): ClientRequest {
  const { url, method, headers, dial } = request;
  if (dial.proxy) return openThroughProxy(request, dial.proxy, progress);
  const own = url.origin === dial.origin;
  const real = own ? dial.connectTo : undefined;
  // No agent: each probe has a connection of its own, as a new client of the service would have.
  const options = {
    method,
    headers: { connection: 'close', ...(real ? { host: url.host } : {}), ...headers },
    agent: false as const,
    ...(dial.guard ? { lookup: dial.guard.lookup } : {}),
    ...(dial.family ? { family: dial.family } : {}),
    ...(real ? { hostname: real.host, ...(real.port ? { port: real.port } : {}) } : {}),
  };
  if (url.protocol !== 'https:') return httpRequest(url, options);
  // Node passes this on to tls.connect; its types do not know. Trust is judged in `followSocket`, where the chain is at hand.
  const secure = {
    ...options,
    secureContext: (own ? dial.context : dial.strangerContext)(),
    rejectUnauthorized: false,
    ...(own && dial.serverName ? { servername: dial.serverName } : {}),
  };
  return httpsRequest(url, secure);
}

/** Marks the phases of the connection. A connection that came through a tunnel has had them all. */
function followSocket(socket: Socket, request: ProbeRequest, progress: Progress, fail: (error: Error) => void): void {
  if (!socket.connecting) return;
  const { url, dial } = request;
  const secure = url.protocol === 'https:' && !dial.proxy;
  let looked = false;
  socket.on('lookup', (_error: Error | null, address: string) => {
    noteAddress(progress, address);
    if (!looked) progress.mark('dns', 'connect');
    looked = true;
  });
  socket.once('connect', () => progress.mark('connect', secure ? 'tls' : 'first_byte'));
  if (!secure) return;
  socket.once('secureConnect', () => {
    const problem = dial.verifyTls ? distrust(socket as TLSSocket) : undefined;
    if (problem) {
      // Nothing of the request has been sent yet: TLS holds it back until the handshake is over.
      progress.chain = readChain(socket as TLSSocket);
      return fail(problem);
    }
    progress.mark('tls', 'first_byte');
  });
}

function answerOf(response: IncomingMessage, socket: Socket, body: ProbeAnswer['body']): ProbeAnswer {
  return {
    status: response.statusCode ?? 0,
    httpVersion: response.httpVersion,
    statusText: response.statusMessage ?? '',
    headers: response.headers,
    rawHeaders: response.rawHeaders,
    address: socket.remoteAddress,
    certificate: socket instanceof TLSSocket ? readCertificate(socket) : undefined,
    body,
  };
}

function readBody(request: ProbeRequest, response: IncomingMessage, progress: Progress): Promise<ProbeAnswer['body']> {
  const { maxBodyBytes, scratch } = request;
  const announced = Number(response.headers['content-length'] ?? Number.NaN);
  const nothing = { end: 'unread' as const, bytes: 0, kept: Buffer.alloc(0) };
  if (!request.readBody || (announced > maxBodyBytes && !request.needsBody)) return Promise.resolve(nothing);
  scratch.clear();
  return new Promise((resolve) => {
    const end = (how: BodyEnd) => resolve({ end: how, bytes: progress.bytes, kept: scratch.view() });
    response.on('data', (chunk: Buffer) => {
      progress.bytes += chunk.length;
      scratch.append(chunk);
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
