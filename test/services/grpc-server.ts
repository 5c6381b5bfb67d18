import { createSecureServer, createServer, type Http2Server, type ServerHttp2Session } from 'node:http2';
import type { KeyPair } from './certificates.ts';

/** A gRPC health service on a free port of 127.0.0.1, spoken by hand. */
export interface GrpcService {
  readonly port: number;
  /** Health by service name: 1 SERVING, 2 NOT_SERVING; a name that is not there is not known. */
  readonly health: Map<string, number>;
  /** What it does instead of answering. */
  fault: 'none' | 'silent' | 'endless' | 'unimplemented' | 'compressed' | 'short' | 'headers' | 'plain-http';
  stop(): Promise<void>;
}

/** Starts it, with TLS when given a key and certificates. */
export async function startGrpcServer(tls?: KeyPair): Promise<GrpcService> {
  const sessions = new Set<ServerHttp2Session>();
  const server: Http2Server = tls ? (createSecureServer(tls) as unknown as Http2Server) : createServer();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => {});
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const frame = Buffer.concat(chunks);
      // Field 1 of the request: the name of the service, after tag and length.
      const name = frame.length > 5 ? frame.toString('utf8', 7) : '';
      const known = headers[':path'] === '/grpc.health.v1.Health/Check' ? service.health.get(name) : undefined;
      answer(known);
    });
    const answer = (status: number | undefined) => {
      const { fault } = service;
      if (fault === 'silent') return;
      if (fault === 'plain-http') {
        stream.respond({ ':status': 404, 'content-type': 'text/html' });
        return void stream.end('<h1>nothing here</h1>');
      }
      const head = { ':status': 200, 'content-type': 'application/grpc' };
      if (fault === 'headers') {
        const flood = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`x-flood-${i}`, 'x'.repeat(900)]));
        stream.respond({ ...head, ...flood });
        return void stream.end();
      }
      if (fault === 'unimplemented' || status === undefined) {
        const code = fault === 'unimplemented' ? '12' : '5';
        stream.respond({ ...head, 'grpc-status': code, 'grpc-message': 'no%20such%20thing' }, { endStream: true });
        return;
      }
      stream.respond(head, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      if (fault === 'endless') {
        const more = () => {
          while (!stream.destroyed && stream.write(Buffer.alloc(16_384)));
        };
        stream.on('drain', more);
        return more();
      }
      const frame = Buffer.from([fault === 'compressed' ? 1 : 0, 0, 0, 0, fault === 'short' ? 200 : 2, 8, status]);
      stream.end(frame);
    };
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const place = server.address();
  const service: GrpcService = {
    port: typeof place === 'object' && place ? place.port : 0,
    health: new Map([['', 1]]),
    fault: 'none',
    async stop() {
      for (const session of sessions) session.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return service;
}
