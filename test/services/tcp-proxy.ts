import { connect, createServer, type Server, type Socket } from 'node:net';

/** What the proxy does to the traffic. Changes apply to open connections too. */
export type Fault =
  | { readonly kind: 'none' }
  /** Every chunk, in both directions, arrives this much later. */
  | { readonly kind: 'latency'; readonly ms: number }
  /** Accepts, keeps the connection open, and swallows everything. */
  | { readonly kind: 'blackhole' }
  /** Lets the client speak, swallows what the server answers. */
  | { readonly kind: 'half-open' }
  /** Resets connections as soon as they are made. */
  | { readonly kind: 'cut' }
  /** Answers with these bytes instead of the server's, for ever when `endless`. */
  | { readonly kind: 'garbage'; readonly bytes: Buffer; readonly endless?: boolean };

export interface TcpProxy {
  readonly port: number;
  set(fault: Fault): void;
  /** Resets all connections that are open now. */
  cutAll(): void;
  /** Connections made since the start. */
  readonly connections: number;
  readonly open: number;
  stop(): Promise<void>;
}

/** A proxy on a free port of 127.0.0.1 in front of `targetPort`, that misbehaves on demand. */
export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  let fault: Fault = { kind: 'none' };
  let connections = 0;
  const sockets = new Set<Socket>();

  function forward(from: Socket, to: Socket, answers: boolean): void {
    from.on('data', (chunk: Buffer) => {
      if (fault.kind === 'blackhole' || (answers && (fault.kind === 'half-open' || fault.kind === 'garbage'))) return;
      if (fault.kind === 'garbage') return spew(from, fault.bytes, fault.endless === true);
      if (fault.kind === 'latency') setTimeout(() => to.writable && to.write(chunk), fault.ms);
      else if (to.writable) to.write(chunk);
    });
    from.on('end', () => fault.kind !== 'blackhole' && to.end());
    from.on('close', () => fault.kind !== 'blackhole' && to.destroy());
    from.on('error', () => to.destroy());
  }

  const server: Server = createServer((client) => {
    connections += 1;
    if (fault.kind === 'cut') {
      client.on('error', () => {});
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(targetPort, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    }
    client.setNoDelay(true);
    upstream.setNoDelay(true);
    forward(client, upstream, false);
    forward(upstream, client, true);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();

  return {
    port: typeof address === 'object' && address ? address.port : 0,
    set(next) {
      fault = next;
    },
    cutAll() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    get connections() {
      return connections;
    },
    get open() {
      return sockets.size / 2;
    },
    async stop() {
      fault = { kind: 'none' };
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Writes the bytes once, or as fast as the other side takes them. */
function spew(socket: Socket, bytes: Buffer, endless: boolean): void {
  if (!endless) {
    socket.write(bytes);
    return;
  }
  const more = () => {
    while (socket.writable && socket.write(bytes)) {
      if (socket.writableLength > 1_000_000) break;
    }
  };
  socket.on('drain', more);
  more();
}
