import { fork } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { startDnsServer } from './dns-server.ts';
import { startGrpcServer } from './grpc-server.ts';
import { startHttpServer, startRawServer } from './http-server.ts';

/** Peers that try to hang or drown whoever asks them, by what they do: a URL, or what an endpoint of another type is made of. They live in a process of their own, so that memory can be told apart. */
export interface HostilePeers {
  readonly urls: Readonly<Record<string, string | Readonly<Record<string, unknown>>>>;
  stop(): Promise<void>;
}

/** Starts them all. */
export async function startHostilePeers(): Promise<HostilePeers> {
  const child = fork(fileURLToPath(import.meta.url), ['serve'], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const onExit = () => child.kill('SIGKILL');
  process.once('exit', onExit);
  const urls = await new Promise<HostilePeers['urls']>((resolve, reject) => {
    child.once('message', (message) => resolve(message as HostilePeers['urls']));
    child.once('exit', () => reject(new Error('the hostile peers did not start')));
  });
  return {
    urls,
    async stop() {
      process.off('exit', onExit);
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Sends the text again and again, as fast as it is taken. */
function flood(socket: Socket, text: string): void {
  const bytes = Buffer.from(text.repeat(Math.ceil(65_536 / text.length)));
  const more = () => {
    while (socket.writable && !socket.writableNeedDrain) socket.write(bytes);
  };
  socket.on('drain', more);
  more();
}

const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n';

/** What each raw peer does with a connection, once it has been asked something. */
const raw: Readonly<Record<string, (socket: Socket) => void>> = {
  'says nothing': () => {},
  'closes at once': (socket) => socket.destroy(),
  'speaks another protocol': (socket) => socket.end('SSH-2.0-OpenSSH_9.2p1\r\n'),
  'sends random bytes': (socket) => flood(socket, '\u0000\u0001\u0002\u0003'),
  'sends headers without end': (socket) => {
    socket.write(head);
    flood(socket, `X-Flood: ${'x'.repeat(1000)}\r\n`);
  },
  'trickles its headers': (socket) => {
    socket.write(head);
    const timer = setInterval(() => socket.write('X-Drop: 1\r\n'), 50);
    socket.on('close', () => clearInterval(timer));
  },
  'sends a status line without end': (socket) => flood(socket, 'HTTP/1.1 200 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'),
  'promises an answer for ever': (socket) => flood(socket, 'HTTP/1.1 100 Continue\r\n\r\n'),
  'sends a body without end': (socket) => {
    socket.write(`${head}\r\n`);
    flood(socket, 'x'.repeat(1024));
  },
  'sends chunks without end': (socket) => {
    socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n`);
    flood(socket, `400\r\n${'x'.repeat(1024)}\r\n`);
  },
  'sends one chunk extension without end': (socket) => {
    socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n5;`);
    flood(socket, 'x'.repeat(1024));
  },
  'trickles its body': (socket) => {
    socket.write(`${head}Content-Length: 100000\r\n\r\n`);
    const timer = setInterval(() => socket.write('.'), 50);
    socket.on('close', () => clearInterval(timer));
  },
  'announces more than it sends': (socket) => socket.end(`${head}Content-Length: 1000\r\n\r\nshort`),
  'announces two lengths': (socket) => socket.end(`${head}Content-Length: 5\r\nContent-Length: 7\r\n\r\nabcde`),
  'announces a negative length': (socket) => socket.end(`${head}Content-Length: -5\r\n\r\nabcde`),
  'sends a broken chunk size': (socket) =>
    socket.end(`${head}Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n`),
  'sends trailers without end': (socket) => {
    socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n0\r\n`);
    flood(socket, `X-Trailer: ${'x'.repeat(1000)}\r\n`);
  },
  'sends a status that is none': (socket) => socket.end('HTTP/1.1 999999 What\r\n\r\n'),
};

/** Bodies as large as they may be, for conditions that must read them. */
async function serveHostileBodies(urls: Record<string, string | object>): Promise<void> {
  const server = await startHttpServer();
  const size = 1_000_000;
  const bodies = {
    'a body of brackets': '['.repeat(size),
    'a body of small arrays': `[${'[],'.repeat(size / 3)}[]]`,
    'a body of small objects': `[${'{"a":{}},'.repeat(size / 9)}{}]`,
    'a body of numbers': `[${'1,'.repeat(size / 2)}1]`,
    'a body of one letter': 'a'.repeat(size),
  };
  const conditions = {
    json: [{ path: '$[*].a', equals: 'x' }],
    json_schema: { items: { type: 'string', pattern: '^(a+)+$' } },
    body_matches: ['^(a|aa)+$b', '(x+x+)+y'],
  };
  for (const [name, body] of Object.entries(bodies)) {
    const path = `/${Object.keys(urls).length}`;
    server.set(path, { body });
    urls[name] = { url: `${server.url}${path}`, ...conditions };
  }
  server.set('/endless', { fault: 'endless' });
  urls['a body of no end, with conditions'] = { url: `${server.url}/endless`, ...conditions };
}

/** The same faults for the kinds of checks that speak no HTTP/1. */
async function serveOtherKinds(urls: Record<string, string | object>, silent: number): Promise<void> {
  const host = '127.0.0.1';
  const flooding = await startRawServer((socket) => flood(socket, 'not what you want '));
  const trickling = await startRawServer((socket) => {
    const timer = setInterval(() => socket.write('.'), 20);
    socket.on('close', () => clearInterval(timer));
  });
  const closing = await startRawServer((socket) => socket.destroy());
  const peers = {
    'says nothing': silent,
    floods: flooding.port,
    trickles: trickling.port,
    'closes at once': closing.port,
  };
  for (const [name, port] of Object.entries(peers)) {
    urls[`tcp: ${name}`] = { type: 'tcp', host, port, expect: 'hello' };
    urls[`tls: ${name}`] = { type: 'tls', host, port };
    urls[`grpc: ${name}`] = { type: 'grpc', host, port };
    urls[`grpcs: ${name}`] = { type: 'grpc', host, port, secure: true };
    urls[`proxy: ${name}`] = { url: 'https://good.example/', proxy: `http://${host}:${port}` };
  }
  for (const fault of ['silent', 'endless', 'headers'] as const) {
    const server = await startGrpcServer();
    server.fault = fault;
    urls[`grpc: answers ${fault}`] = { type: 'grpc', host, port: server.port };
  }
  for (const fault of ['silent', 'garbage', 'failure'] as const) {
    const server = await startDnsServer();
    server.fault = fault;
    urls[`dns: answers ${fault}`] = { type: 'dns', host: 'a.example', resolver: `${host}:${server.port}` };
  }
}

async function serve(): Promise<void> {
  const urls: Record<string, string | object> = {};
  for (const [name, answer] of Object.entries(raw)) {
    const server = await startRawServer((socket) => {
      if (name === 'closes at once') answer(socket);
      else socket.once('data', () => answer(socket));
    });
    urls[name] = server.url;
  }
  const silentTls = await startRawServer(() => {});
  urls['never finishes the TLS handshake'] = silentTls.url.replace('http:', 'https:');
  const plain = await startHttpServer();
  urls['speaks no TLS'] = plain.url.replace('http:', 'https:');
  plain.set('/loop', { fault: 'redirect-loop' });
  urls['redirects in a circle'] = `${plain.url}/loop`;
  plain.set('*', (request, response) => {
    const step = Number(/\d+/.exec(request.url ?? '')?.[0] ?? 0);
    response.writeHead(302, { location: `/step${step + 1}` }).end();
  });
  urls['redirects for ever'] = `${plain.url}/step0`;
  await serveHostileBodies(urls);
  await serveOtherKinds(urls, silentTls.port);
  process.send?.(urls);
}

if (process.argv[2] === 'serve' && process.send) await serve();
