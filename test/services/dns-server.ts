import { createSocket } from 'node:dgram';

/** The data of one record, as it stands on the wire. */
export type Answers = readonly Buffer[];

/** A DNS server on a free UDP port of 127.0.0.1 that answers what it is told to. */
export interface DnsService {
  readonly port: number;
  /** Sets the answers to a name and type (`A`, `MX`, `TXT`); without answers the name does not exist. */
  set(name: string, type: keyof typeof types, answers: Answers): void;
  /** `silent` answers nothing, `garbage` something else, `failure` SERVFAIL. */
  fault: 'none' | 'silent' | 'garbage' | 'failure';
  stop(): Promise<void>;
}

const types = { A: 1, CNAME: 5, MX: 15, TXT: 16, AAAA: 28 } as const;

/** The wire form of a name. */
export function wireName(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  return Buffer.concat([...labels, Buffer.from([0])]);
}

/** The data of an A record. */
export const address = (text: string): Buffer => Buffer.from(text.split('.').map(Number));
/** The data of a TXT record. */
export const text = (...parts: string[]): Buffer =>
  Buffer.concat(parts.map((part) => Buffer.concat([Buffer.from([part.length]), Buffer.from(part)])));
/** The data of an MX record. */
export const mail = (priority: number, host: string): Buffer =>
  Buffer.concat([Buffer.from([priority >> 8, priority & 255]), wireName(host)]);

/** Starts it. */
export async function startDnsServer(): Promise<DnsService> {
  const known = new Map<string, Answers>();
  const socket = createSocket('udp4');
  const service: DnsService = {
    port: 0,
    fault: 'none',
    set: (name, type, answers) => void known.set(`${types[type]} ${name}`, answers),
    stop: () => new Promise((resolve) => socket.close(() => resolve())),
  };
  socket.on('message', (query, from) => {
    if (service.fault === 'silent') return;
    if (service.fault === 'garbage') return socket.send(Buffer.alloc(400, 0xff), from.port, from.address);
    socket.send(answerTo(query, known, service.fault === 'failure'), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return Object.assign(service, { port: socket.address().port });
}

function answerTo(query: Buffer, known: ReadonlyMap<string, Answers>, failure: boolean): Buffer {
  let at = 12;
  const labels: string[] = [];
  while (query[at]) {
    labels.push(query.toString('latin1', at + 1, at + 1 + query[at]!));
    at += query[at]! + 1;
  }
  const type = query.readUInt16BE(at + 1);
  const question = query.subarray(12, at + 5);
  const answers = failure ? [] : (known.get(`${type} ${labels.join('.').toLowerCase()}`) ?? []);
  const exists = [...known.keys()].some((key) => key.endsWith(` ${labels.join('.').toLowerCase()}`));
  const code = failure ? 2 : exists ? 0 : 3;
  const head = Buffer.from([query[0]!, query[1]!, 0x81, 0x80 | code, 0, 1, 0, answers.length, 0, 0, 0, 0]);
  const records = answers.map((data) => {
    const fixed = Buffer.from([0xc0, 12, type >> 8, type & 255, 0, 1, 0, 0, 0, 5, data.length >> 8, data.length & 255]);
    return Buffer.concat([fixed, data]);
  });
  return Buffer.concat([head, question, ...records]);
}
