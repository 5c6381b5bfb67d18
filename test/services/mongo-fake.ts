import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { BSON } from 'mongodb';

type Document = Record<string, unknown>;

/** Answers to commands, by name; `undefined` = no answer at all. */
export type Answers = Readonly<Record<string, (command: Document) => Document | undefined>>;

export interface FakeMongo {
  /** With the credentials that it accepts. */
  readonly url: string;
  readonly port: number;
  /** Names of the commands that came after the login, in order. */
  readonly commands: string[];
  readonly open: number;
  /** Takes over for the answers it names. */
  set(answers: Answers): void;
  cutAll(): void;
  stop(): Promise<void>;
}

const user = 'monitor';
const password = 's3cret-pw';
const opReply = 1;
const opQuery = 2004;
const opMsg = 2013;

/**
 * Not a MongoDB: a server that speaks as much of its wire protocol as a driver needs to log in (SCRAM-SHA-256, really verified) and to put
 * commands: OP_MSG, and OP_QUERY for the first hello. No Debian package brings the real one.
 */
export async function startFakeMongo(options: { readonly replicaSet?: boolean } = {}): Promise<FakeMongo> {
  const commands: string[] = [];
  const sockets = new Set<Socket>();
  let special: Answers = {};
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    serve(socket, {
      commands,
      address: () => `127.0.0.1:${port}`,
      answers: () => special,
      replicaSet: options.replicaSet === true,
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `mongodb://${user}:${password}@127.0.0.1:${port}/app?authSource=admin&directConnection=true`,
    port,
    commands,
    get open() {
      return sockets.size;
    },
    set(answers) {
      special = answers;
    },
    cutAll() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface House {
  readonly commands: string[];
  readonly replicaSet: boolean;
  address(): string;
  answers(): Answers;
}

/** Takes messages off a connection and answers them. */
function serve(socket: Socket, house: House): void {
  let received = Buffer.alloc(0);
  const session = createSession(house);
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 4 && received.length >= received.readInt32LE(0)) {
      const message = received.subarray(0, received.readInt32LE(0));
      received = received.subarray(message.length);
      const [id, code] = [message.readInt32LE(4), message.readInt32LE(12)];
      const command = readCommand(message, code);
      const answer = command && session(command);
      if (answer) socket.write(writeAnswer(answer, id, code));
    }
  });
}

function readCommand(message: Buffer, code: number): Document | undefined {
  if (code === opMsg) return BSON.deserialize(message.subarray(21, 21 + message.readInt32LE(21)));
  if (code !== opQuery) return undefined;
  const start = message.indexOf(0, 20) + 9;
  return BSON.deserialize(message.subarray(start));
}

function writeAnswer(document: Document, to: number, code: number): Buffer {
  const body = BSON.serialize(document);
  const head = Buffer.alloc(code === opMsg ? 21 : 36);
  head.writeInt32LE(head.length + body.length, 0);
  head.writeInt32LE(to, 8);
  head.writeInt32LE(code === opMsg ? opMsg : opReply, 12);
  if (code !== opMsg) head.writeInt32LE(1, 32);
  return Buffer.concat([head, body]);
}

/** One connection's login and commands. */
function createSession(house: House): (command: Document) => Document | undefined {
  let loggedIn = false;
  let scram: ReturnType<typeof startScram> | undefined;
  return (command) => {
    const [name = ''] = Object.keys(command);
    if (name === 'hello' || name === 'ismaster' || name === 'isMaster') return hello(command, house);
    if (name === 'saslStart') {
      scram = startScram(binaryText(command['payload']));
      return { ok: 1, conversationId: 1, done: false, payload: binary(scram.first) };
    }
    if (name === 'saslContinue') {
      const last = scram?.finish(binaryText(command['payload']));
      if (last === undefined)
        return { ok: 0, code: 18, codeName: 'AuthenticationFailed', errmsg: 'Authentication failed.' };
      loggedIn = true;
      return { ok: 1, conversationId: 1, done: true, payload: binary(last) };
    }
    house.commands.push(name);
    const own = house.answers()[name];
    if (own) return own(command);
    if (!loggedIn && name !== 'endSessions')
      return { ok: 0, code: 13, codeName: 'Unauthorized', errmsg: `command ${name} requires authentication` };
    return ordinary(name, house);
  };
}

function hello(command: Document, house: House): Document {
  return {
    ok: 1,
    helloOk: true,
    isWritablePrimary: true,
    ismaster: true,
    maxBsonObjectSize: 16_777_216,
    maxMessageSizeBytes: 48_000_000,
    maxWriteBatchSize: 100_000,
    minWireVersion: 0,
    maxWireVersion: 21,
    localTime: new Date(),
    ...(house.replicaSet
      ? { setName: 'rs0', hosts: [house.address()], primary: house.address(), me: house.address() }
      : {}),
    ...(command['saslSupportedMechs'] ? { saslSupportedMechs: ['SCRAM-SHA-256'] } : {}),
  };
}

function ordinary(name: string, house: House): Document {
  switch (name) {
    case 'ping':
    case 'endSessions':
      return { ok: 1 };
    case 'buildInfo':
      return { ok: 1, version: '7.0.14' };
    case 'serverStatus':
      return {
        ok: 1,
        connections: { current: 12, available: 88, active: 3 },
        globalLock: { currentQueue: { total: 2, readers: 1, writers: 1 } },
        mem: { resident: 256 },
        opcounters: { insert: 10, query: 20, update: 5, delete: 1, getmore: 0, command: 64 },
        wiredTiger: {
          cache: {
            'bytes currently in the cache': 50_000_000,
            'maximum bytes configured': 100_000_000,
            'pages requested from the cache': 1000,
            'pages read into cache': 50,
          },
        },
        ...(house.replicaSet ? { repl: { setName: 'rs0', isWritablePrimary: true } } : {}),
      };
    case 'currentOp':
      return {
        ok: 1,
        inprog: [
          {
            opid: 4711,
            op: 'query',
            ns: 'app.molecules',
            secs_running: 7,
            appName: 'importer',
            command: { find: 'molecules', filter: { name: 'secret-name' } },
          },
        ],
      };
    case 'replSetGetStatus':
      return {
        ok: 1,
        members: [
          { name: house.address(), stateStr: 'PRIMARY', optimeDate: new Date(100_000) },
          { name: 'standby.example:27017', stateStr: 'SECONDARY', optimeDate: new Date(10_000) },
        ],
      };
    default:
      return { ok: 0, code: 59, codeName: 'CommandNotFound', errmsg: `no such command: '${name}'` };
  }
}

/** The server's side of SCRAM-SHA-256 (RFC 5802, 7677). */
function startScram(clientFirst: string) {
  const bare = clientFirst.replace(/^n,,/, '');
  const nonce = `${/r=([^,]+)/.exec(bare)?.[1]}${randomBytes(12).toString('base64')}`;
  const salt = randomBytes(16);
  const iterations = 4096;
  const first = `r=${nonce},s=${salt.toString('base64')},i=${iterations}`;
  const isKnown = /n=([^,]+)/.exec(bare)?.[1] === user;
  return {
    first,
    /** The last word, or undefined when the proof is wrong. */
    finish(clientFinal: string): string | undefined {
      const [, unproved = '', proof = ''] = /^(.*),p=(.*)$/.exec(clientFinal) ?? [];
      const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
      const hmac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest();
      const stored = createHash('sha256').update(hmac(salted, 'Client Key')).digest();
      const words = `${bare},${first},${unproved}`;
      const signature = hmac(stored, words);
      const key = Buffer.from(proof, 'base64').map((byte, index) => byte ^ (signature[index] ?? 0));
      const isRight = isKnown && timingSafeEqual(createHash('sha256').update(key).digest(), stored);
      return isRight ? `v=${hmac(hmac(salted, 'Server Key'), words).toString('base64')}` : undefined;
    },
  };
}

const binary = (text: string) => new BSON.Binary(Buffer.from(text));
const binaryText = (value: unknown) => Buffer.from((value as { buffer: Uint8Array }).buffer).toString();
