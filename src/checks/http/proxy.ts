import { type ClientRequest, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { dial, handshake } from '../network/dial.ts';
import type { Progress } from '../network/progress.ts';
import { ordinaryContext } from '../network/tls-settings.ts';
import { type ProbeRequest, portOf } from './dial.ts';

/** A proxy may talk for so long before it lets us through. */
const longestHead = 16_384;

/**
 * Opens a request through an HTTP proxy. An https target goes through a tunnel (CONNECT), and so does every target when private ones
 * are forbidden: the tunnel is asked for the address that was judged, so that the proxy cannot look up another one.
 */
export function openThroughProxy(request: ProbeRequest, proxy: URL, progress: Progress): ClientRequest {
  const { url, method, headers, dial: how } = request;
  const shared = { method, headers: { host: url.host, connection: 'close', ...headers } };
  if (url.protocol === 'https:' || how.guard) {
    return httpRequest({
      ...shared,
      host: url.hostname,
      path: `${url.pathname}${url.search}`,
      createConnection(_, connected) {
        tunnel(request, proxy, progress).then(
          (socket) => connected(null, socket),
          (error: Error) => connected(error, undefined as never),
        );
        return undefined;
      },
    });
  }
  const target = new URL(url);
  target.username = '';
  target.password = '';
  target.hash = '';
  const open = proxy.protocol === 'https:' ? httpsRequest : httpRequest;
  return open({
    ...shared,
    headers: { ...shared.headers, ...authorization(proxy) },
    agent: false,
    host: proxy.hostname.replace(/^\[|\]$/g, ''),
    port: portOf(proxy),
    path: target.href,
  });
}

/** A connection to the target through the proxy, with TLS when the target speaks it. */
async function tunnel(request: ProbeRequest, proxy: URL, progress: Progress): Promise<Socket> {
  const { url, signal, dial: how } = request;
  const own = url.origin === how.origin;
  const real = own && how.connectTo ? how.connectTo : { host: url.hostname, port: undefined };
  const host = how.guard ? await how.guard.resolve(real.host, how.family) : real.host;
  const bare = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  const place = `${bare}:${real.port ?? portOf(url)}`;
  const way = { host: proxy.hostname, port: portOf(proxy), guard: how.guard, signal, progress };
  let socket = await dial({ ...way, next: 'proxy' });
  const steps = { signal, progress };
  if (proxy.protocol === 'https:')
    socket = await handshake(socket, {
      context: ordinaryContext(),
      serverName: proxy.hostname,
      verify: how.verifyTls,
      ...steps,
      next: 'proxy',
    });
  await askForTunnel(socket, place, authorization(proxy), signal);
  progress.mark('proxy', url.protocol === 'https:' ? 'tls' : 'first_byte');
  if (url.protocol !== 'https:') return socket;
  return handshake(socket, {
    context: (own ? how.context : how.strangerContext)(),
    serverName: (own ? how.serverName : undefined) ?? url.hostname,
    verify: how.verifyTls,
    ...steps,
    next: 'first_byte',
  });
}

function askForTunnel(
  socket: Socket,
  place: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<void> {
  const lines = Object.entries({ Host: place, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return new Promise((resolve, reject) => {
    let head = Buffer.alloc(0);
    const end = (error?: Error) => {
      socket.off('data', onData);
      socket.off('close', onClose);
      signal.removeEventListener('abort', onAbort);
      if (!error) return resolve();
      socket.destroy();
      reject(error);
    };
    const onAbort = () => end(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    const onClose = () => end(refused('the proxy closed the connection instead of connecting'));
    const onData = (chunk: Buffer) => {
      head = Buffer.concat([head, chunk]);
      const at = head.indexOf('\r\n\r\n');
      if (at < 0) {
        if (head.length > longestHead) end(refused('the proxy answers without end'));
        return;
      }
      const status = /^HTTP\/1\.[01] (\d{3})([^\r\n]{0,80})/.exec(head.toString('latin1', 0, at));
      if (status?.[1]?.[0] !== '2')
        return end(
          refused(status ? `the proxy refused to connect: ${status[1]}${status[2]}` : 'the proxy does not speak HTTP'),
        );
      socket.pause();
      if (head.length > at + 4) socket.unshift(head.subarray(at + 4));
      end();
    };
    socket.on('data', onData);
    socket.once('close', onClose);
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    socket.write(`CONNECT ${place} HTTP/1.1\r\n${lines.join('')}\r\n`);
  });
}

function refused(message: string): Error {
  return Object.assign(new Error(message), { code: 'PROXY_REFUSED' });
}

function authorization(proxy: URL): Record<string, string> {
  if (!proxy.username && !proxy.password) return {};
  const plain = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(plain).toString('base64')}` };
}
