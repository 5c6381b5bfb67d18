import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { forbiddenAddress } from './forbidden.ts';

/** Keeps connections away from addresses that must not be asked. */
export interface Guard {
  /** For `net.connect` and everything above it: what it answers has been judged, so a name that changes its answer gains nothing. */
  readonly lookup: LookupFunction;
  /** Throws a ForbiddenTarget for a host that is an IP address and forbidden; a name is judged when it is looked up. */
  judge(host: string): void;
  /** The addresses a host leads to, all of them judged. Rejects with ForbiddenTarget, or what the lookup says. */
  resolve(host: string, family?: 4 | 6): Promise<string>;
}

/** The target must not be asked; its message is for people. */
export class ForbiddenTarget extends Error {
  readonly code = 'FORBIDDEN_TARGET';
  override readonly name = 'ForbiddenTarget';

  constructor(host: string, address: string, what: string) {
    const place = host === address ? address : `${host} (${address})`;
    super(`${place} is a ${what} address, and server.forbid_private_targets forbids those`);
  }
}

type Lookup = typeof systemLookup;

/** Makes the guard of `server.forbid_private_targets`. `lookup` and `judgeAddress` are doors for tests. */
export function createGuard(
  lookup: Lookup = systemLookup,
  judgeAddress: (address: string) => string | undefined = forbiddenAddress,
): Guard {
  const guarded: LookupFunction = (host, options, callback) => {
    const { all, ...rest } = options;
    lookup(host, { ...rest, all: true }, (error, found) => {
      const fail = (problem: NodeJS.ErrnoException) => callback(problem, all ? [] : '', 0);
      if (error) return fail(error);
      for (const { address } of found) {
        // One forbidden answer spoils all: which of them would be connected to is chance.
        const what = judgeAddress(address);
        if (what !== undefined) return fail(new ForbiddenTarget(host, address, what));
      }
      const first = found[0];
      if (!first) return fail(Object.assign(new Error(`no address for ${host}`), { code: 'ENODATA', hostname: host }));
      return all ? callback(null, found) : callback(null, first.address, first.family);
    });
  };
  const judge = (host: string) => {
    const bare = host.replace(/^\[|\]$/g, '');
    const what = isIP(bare) === 0 ? undefined : judgeAddress(bare);
    if (what !== undefined) throw new ForbiddenTarget(bare, bare, what);
  };
  return {
    lookup: guarded,
    judge,
    resolve: async (host, family) => {
      judge(host);
      const bare = host.replace(/^\[|\]$/g, '');
      if (isIP(bare)) return bare;
      return new Promise((resolve, reject) => {
        guarded(bare, family ? { family } : {}, (error, address) =>
          error ? reject(error) : resolve(typeof address === 'string' ? address : address[0]!.address),
        );
      });
    },
  };
}
