/** grpc.health.v1 in protobuf, by hand: one text in, one number out. https://github.com/grpc/grpc/blob/master/doc/health-checking.md */

const statuses = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'] as const;

/** A `HealthCheckRequest` in its frame: not compressed, four bytes of length, the message. */
export function healthRequest(service: string): Buffer {
  const name = Buffer.from(service, 'utf8');
  // Field 1, length-delimited; an empty text is left out, as protobuf has it.
  const message = name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a]), varint(name.length), name]);
  const frame = Buffer.alloc(5);
  frame.writeUInt32BE(message.length, 1);
  return Buffer.concat([frame, message]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest & 127) | 128);
    rest >>>= 7;
  }
  return Buffer.from([...bytes, rest]);
}

/** The status in a framed `HealthCheckResponse`: its name, or a number nobody knows. @throws Error for what is no such message. */
export function healthStatus(data: Buffer): string {
  if (data.length < 5) throw new Error('the answer has no message');
  if (data[0] !== 0) throw new Error('the answer is compressed, which nobody asked for');
  const length = data.readUInt32BE(1);
  if (data.length < 5 + length) throw new Error('the answer is shorter than it says');
  const status = firstField(data.subarray(5, 5 + length));
  return statuses[status] ?? `status ${status}`;
}

/** The number in field 1; 0 when it is left out. Fields of later versions are skipped. */
function firstField(message: Buffer): number {
  let at = 0;
  let status = 0;
  const readVarint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = message[at++];
      if (byte === undefined) throw new Error('the answer is no health message');
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
    throw new Error('the answer is no health message');
  };
  while (at < message.length) {
    const tag = readVarint();
    const wire = tag & 7;
    if (wire === 0) {
      const value = readVarint();
      if (tag >>> 3 === 1) status = value;
    } else if (wire === 2) {
      const length = readVarint();
      at += length;
    } else if (wire === 5) at += 4;
    else if (wire === 1) at += 8;
    else throw new Error('the answer is no health message');
  }
  if (at > message.length) throw new Error('the answer is no health message');
  return status;
}
