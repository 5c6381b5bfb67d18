/** A TCP line that can be cut: it stands between the demo and its database as the "pooler", which has bad minutes. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface Tap {
  readonly port: number;
  /** Cuts every connection and refuses new ones until `open`. */
  cut(): void;
  open(): void;
  stop(): Promise<void>;
}

/** Opens a line to a port on this machine. */
export async function startTap(target: number): Promise<Tap> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // A cut line gives errors on both ends; they are the purpose.
    socket.on('error', () => undefined);
  };
  const server = createServer((client) => {
    keep(client);
    if (isCut) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(target, '127.0.0.1');
    keep(upstream);
    client.pipe(upstream).pipe(client);
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The system gave no free port.');
  const cutAll = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: address.port,
    cut() {
      isCut = true;
      cutAll();
    },
    open() {
      isCut = false;
    },
    async stop() {
      server.close();
      cutAll();
    },
  };
}
