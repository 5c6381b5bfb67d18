import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

const cost = { n: 32_768, r: 8, p: 1 };
const keyBytes = 32;
/** Each computation holds 32 MiB; more at once than this would let a stranger fill the memory by logging in. */
const atOnce = 2;
let running = 0;
const waiting: (() => void)[] = [];

/** A password as `server.auth.users[].password_hash` wants it: `scrypt$N$r$p$salt$hash` (base64url). */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, cost.n, cost.r, cost.p, keyBytes);
  return ['scrypt', cost.n, cost.r, cost.p, salt.toString('base64url'), key.toString('base64url')].join('$');
}

/** True when the password fits the hash. A hash that cannot be read fits nothing. */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const parsed = /^scrypt\$(\d{1,7})\$(\d{1,2})\$(\d{1,2})\$([\w-]+)\$([\w-]+)$/.exec(hash);
  if (!parsed) return false;
  const [, n, r, p, salt, expected] = parsed;
  const wanted = Buffer.from(expected!, 'base64url');
  if (wanted.length < 16) return false;
  try {
    const key = await derive(password, Buffer.from(salt!, 'base64url'), Number(n), Number(r), Number(p), wanted.length);
    return timingSafeEqual(key, wanted);
  } catch {
    // Costs that scrypt refuses (not a power of two, too much memory) fit nothing either.
    return false;
  }
}

async function derive(
  password: string,
  salt: Buffer,
  n: number,
  r: number,
  p: number,
  length: number,
): Promise<Buffer> {
  if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
  running += 1;
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      const options = { N: n, r, p, maxmem: 256 * 1024 * 1024 };
      scrypt(password.normalize('NFKC'), salt, length, options, (error, key) => (error ? reject(error) : resolve(key)));
    });
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}
