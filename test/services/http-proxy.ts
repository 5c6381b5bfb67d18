import { createServer, request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';

/** An HTTP proxy on a free port of 127.0.0.1. */
export interface HttpProxy {
  readonly port: number;
  /** What it was asked for, e.g. `CONNECT 127.0.0.1:443` or `GET http://…`, with the credentials it was given. */
  readonly asked: { readonly what: string; readonly authorization: string | undefined }[];
  /** `refuse` answers 403 to everything, `silent` nothing, `endless` a head without end. */
  fault: 'none' | 'refuse' | 'silent' | 'endless';
  stop(): Promise<void>;
}

/** Starts it. Names are looked up by the proxy, and `routes` may send a place elsewhere, as a proxy with its own DNS would. */
export async function startHttpProxy(routes: Readonly<Record<string, number>> = {}): Promise<HttpProxy> {
  const asked: HttpProxy['asked'] = [];
  const sockets = new Set<Socket>();
  const server = createServer((incoming, outgoing) => {
    const authorization = incoming.headers['proxy-authorization'];
    asked.push({ what: `${incoming.method} ${incoming.url}`, authorization });
    if (proxy.fault === 'silent') return;
    if (proxy.fault === 'refuse') return void outgoing.writeHead(403).end();
    const { 'proxy-authorization': _, ...headers } = incoming.headers;
    const target = new URL(incoming.url ?? '');
    const port = routes[target.host] ?? Number(target.port || 80);
    const forward = httpRequest({ host: '127.0.0.1', port, path: target.pathname, method: incoming.method, headers });
    forward.on('response', (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(outgoing);
    });
    forward.on('error', () => outgoing.writeHead(502).end());
    incoming.pipe(forward);
  });
  server.on('connect', (incoming, client: Socket) => {
    sockets.add(client);
    client.on('error', () => {});
    asked.push({ what: `CONNECT ${incoming.url}`, authorization: incoming.headers['proxy-authorization'] });
    if (proxy.fault === 'silent') return;
    if (proxy.fault === 'endless') return flood(client);
    if (proxy.fault === 'refuse') return void client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    const place = incoming.url ?? '';
    const upstream = connect(routes[place] ?? Number(place.split(':').at(-1)), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(client);
      client.pipe(upstream);
    });
    sockets.add(upstream);
    upstream.on('error', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const place = server.address();
  const proxy: HttpProxy = {
    port: typeof place === 'object' && place ? place.port : 0,
    asked,
    fault: 'none',
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}

function flood(client: Socket): void {
  client.write('HTTP/1.1 200 OK\r\n');
  const more = () => {
    while (client.writable && client.write(`X-Flood: ${'x'.repeat(1000)}\r\n`));
  };
  client.on('drain', more);
  more();
}
