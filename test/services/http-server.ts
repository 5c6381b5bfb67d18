import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';

/** How an endpoint answers. */
export interface Behaviour {
  /** @default 200 */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** @default '{"status":"ok"}' */
  readonly body?: string;
  /** Wait before the answer, ms. */
  readonly delayMs?: number;
  /** `silent`: never answers. `trickle`: a byte of body each 100 ms for ever. `endless`: body as fast as it is taken. `short`: announces more than it sends, then closes. */
  readonly fault?: 'silent' | 'trickle' | 'endless' | 'short' | 'reset' | 'redirect-loop';
}

export interface HttpService {
  readonly url: string;
  readonly port: number;
  /** Sets how a path answers, from the next request on; `*` is for all other paths. */
  set(path: string, behaviour: Behaviour | ((request: IncomingMessage, response: ServerResponse) => void)): void;
  /** What came in: newest last. */
  readonly requests: {
    readonly method: string;
    readonly path: string;
    readonly headers: IncomingMessage['headers'];
    readonly body: string;
  }[];
  stop(): Promise<void>;
}

/** A programmable HTTP (or HTTPS, given key and certificate) server on a free port of 127.0.0.1. */
export async function startHttpServer(tls?: { key: string; cert: string }): Promise<HttpService> {
  const behaviours = new Map<string, Behaviour | ((request: IncomingMessage, response: ServerResponse) => void)>();
  const requests: HttpService['requests'] = [];
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      const path = request.url ?? '/';
      requests.push({ method: request.method ?? '', path, headers: request.headers, body });
      const behaviour = behaviours.get(path) ?? behaviours.get('*') ?? {};
      if (typeof behaviour === 'function') behaviour(request, response);
      else setTimeout(() => answer(behaviour, path, response), behaviour.delayMs ?? 0);
    });
    response.on('error', () => {});
  };
  const server = tls ? createHttpsServer(tls, listener) : createHttpServer(listener);
  const port = await listen(server);
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    set: (path, behaviour) => void behaviours.set(path, behaviour),
    requests,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(behaviour: Behaviour, path: string, response: ServerResponse): void {
  const body = behaviour.body ?? '{"status":"ok"}';
  const headers = { 'content-type': 'application/json', ...behaviour.headers };
  switch (behaviour.fault) {
    case 'silent':
      return;
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case 'redirect-loop':
      response.writeHead(302, { location: path }).end();
      return;
    case 'short':
      response.writeHead(behaviour.status ?? 200, { ...headers, 'content-length': String(body.length + 100) });
      response.write(body, () => response.socket?.end());
      return;
    case 'trickle': {
      response.writeHead(behaviour.status ?? 200, headers);
      const timer = setInterval(() => response.write('.'), 100);
      response.on('close', () => clearInterval(timer));
      return;
    }
    case 'endless': {
      response.writeHead(behaviour.status ?? 200, headers);
      const chunk = Buffer.alloc(65_536, 'x');
      const more = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', more);
      more();
      return;
    }
    default:
      response.writeHead(behaviour.status ?? 200, headers).end(body);
  }
}

export interface RawService {
  readonly port: number;
  readonly url: string;
  stop(): Promise<void>;
}

/** A TCP server that does to every connection what `talk` says: for peers that speak no proper protocol. */
export async function startRawServer(talk: (socket: Socket) => void): Promise<RawService> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    talk(socket);
  });
  const port = await listen(server);
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : 0);
    });
  });
}
