const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
let lastTime = 0;
let sequence = 0;

/**
 * A unique id that sorts by time: 10 characters of epoch ms, 3 of a counter, 9 random, in Crockford's base 32.
 * Ids of one process are strictly increasing even when the clock goes backwards.
 */
export function newId(now = Date.now()): string {
  if (now > lastTime) {
    lastTime = now;
    sequence = 0;
  } else {
    sequence += 1;
    if (sequence >= 32 ** 3) {
      lastTime += 1;
      sequence = 0;
    }
  }
  return encode(lastTime, 10) + encode(sequence, 3) + randomPart();
}

function encode(value: number, length: number): string {
  let rest = value;
  let text = '';
  for (let i = 0; i < length; i++) {
    text = alphabet[rest % 32] + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

function randomPart(): string {
  let text = '';
  for (const byte of globalThis.crypto.getRandomValues(new Uint8Array(9))) text += alphabet[byte & 31];
  return text;
}
