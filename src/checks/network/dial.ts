import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type SecureContext, type TLSSocket } from 'node:tls';
import { distrust, readChain } from './certificate.ts';
import type { Guard } from './guard.ts';
import { noteAddress, type Progress, type Stage } from './progress.ts';

/** Where to connect to, and how. */
export interface Way {
  readonly host: string;
  readonly port: number;
  readonly family?: 4 | 6 | undefined;
  readonly guard?: Guard | undefined;
  /** Ends the attempt and, later, the connection. */
  readonly signal: AbortSignal;
  readonly progress: Progress;
  /** What is waited for once the connection stands. */
  readonly next: Stage;
}

/** Opens a TCP connection. Rejects with the network's error, a ForbiddenTarget, or the signal's reason. */
export async function dial({ host, port, family, guard, signal, progress, next }: Way): Promise<Socket> {
  const bare = host.replace(/^\[|\]$/g, '');
  guard?.judge(bare);
  signal.throwIfAborted();
  if (isIP(bare)) progress.stage = 'connect';
  const socket = connectTcp({
    host: bare,
    port,
    ...(family ? { family } : {}),
    ...(guard ? { lookup: guard.lookup } : {}),
  });
  let looked = false;
  socket.on('lookup', (_error, address) => {
    noteAddress(progress, address);
    if (!looked) progress.mark('dns', 'connect');
    looked = true;
  });
  await settled(socket, 'connect', signal);
  progress.mark('connect', next);
  return socket;
}

/** How TLS is spoken over a connection. */
export interface Handshake {
  readonly context: SecureContext;
  /** Name for SNI and for the certificate; an IP address is compared with the certificate but not asked for. */
  readonly serverName: string;
  readonly verify: boolean;
  readonly signal: AbortSignal;
  readonly progress: Progress;
  readonly next: Stage;
  readonly protocols?: readonly string[];
}

/** Speaks TLS over a connection. Rejects with the reason of the distrust, after which `progress.chain` has the certificates. */
export async function handshake(socket: Socket, how: Handshake): Promise<TLSSocket> {
  const { context, serverName, verify, signal, progress, next, protocols } = how;
  const name = serverName.replace(/^\[|\]$/g, '');
  const secure = connectTls({
    socket,
    secureContext: context,
    host: name,
    ...(isIP(name) ? {} : { servername: name }),
    ...(protocols ? { ALPNProtocols: [...protocols] } : {}),
    // Verified by `distrust`, so that the chain is at hand as evidence.
    rejectUnauthorized: false,
  });
  await settled(secure, 'secureConnect', signal);
  const problem = distrust(secure);
  if (problem && verify) {
    progress.chain = readChain(secure);
    secure.destroy();
    throw problem;
  }
  progress.mark('tls', next);
  return secure;
}

/** Waits for an event of a socket that the signal and errors end; the socket is destroyed then. */
function settled(socket: Socket, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (error?: Error) => {
      signal.removeEventListener('abort', onAbort);
      socket.off('close', onClose);
      if (!error) return resolve();
      socket.destroy();
      reject(error);
    };
    const onAbort = () => end(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    const onClose = () => end(Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
    // Stays for as long as the socket lives: what is half read makes late errors, which are no news.
    socket.on('error', end);
    socket.once('close', onClose);
    socket.once(event, () => end());
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
