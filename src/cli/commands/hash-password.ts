import { randomBytes, scryptSync } from 'node:crypto';
import { MonitorError } from '../../model/problem.ts';
import type { CliCommand } from '../command.ts';

const cost = { N: 32_768, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };

/** `cryomon hash-password`: what belongs into `server.auth.users[].password_hash`. */
export const hashPasswordCommand: CliCommand = {
  register(program, context) {
    program
      .command('hash-password')
      .description('read a password from standard input and print its hash for server.auth.users')
      .action(async () => {
        const password = (await context.io.read()).replace(/\r?\n$/, '');
        if (password.length < 8)
          throw new MonitorError('bad-argument', 'The password needs at least 8 characters.', {
            hint: 'Give it on standard input, so that it is in no list of processes.',
          });
        const salt = randomBytes(16);
        const key = scryptSync(password.normalize('NFKC'), salt, 32, cost);
        const hash = ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64url'), key.toString('base64url')].join(
          '$',
        );
        if (context.options().json) context.json({ password_hash: hash });
        else context.print(hash);
      });
  },
};
