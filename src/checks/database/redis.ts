import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { DatabaseKind, DatabaseSession, FailureKind } from './kind.ts';
import { type Place, tlsOptions } from './place.ts';
import { parseInfo, redisFacts } from './redis-facts.ts';
import { RedisError, type RespConnection, type RespValue, respConnection } from './resp.ts';
import { timed, timedSocket } from './timed-socket.ts';

/** Answers that deserve plainer words. */
const plain: Readonly<Record<string, readonly [FailureKind, string]>> = {
  WRONGPASS: ['authentication', 'login refused'],
  NOAUTH: ['authentication', 'login refused: the server wants a password'],
  NOPERM: ['permission', 'permission denied'],
  LOADING: ['starting-up', 'the server is still loading its data'],
  READONLY: ['read-only', 'the server is a read-only replica'],
  MASTERDOWN: ['read-only', 'the replica has lost its master'],
  BUSY: ['locked', 'the server is busy with a script'],
  MISCONF: ['read-only', 'the server refuses writes because it cannot save to its disk'],
};

/** Redis, Valkey and whatever speaks their protocol. Needs no driver. */
export const redis: DatabaseKind = {
  explanation:
    'Logs in to Redis (or Valkey) and sends PING over a kept connection; every few runs over a new one, so that DNS and login are tested too. ' +
    'It tells whether it can be used, how long an answer takes, and how full it is.',

  async open(place, { signal, mark }) {
    const socket = connect(place, { signal, mark });
    const connection = respConnection(socket);
    socket.setKeepAlive(true);
    try {
      if (place.password) await connection.command('AUTH', ...(place.user ? [place.user] : []), place.password);
      if (/^\d+$/.test(place.database) && place.database !== '0') await connection.command('SELECT', place.database);
      const info = parseInfo(await connection.command('INFO', 'server'));
      mark('login');
      return session(connection, {
        server:
          `${info['valkey_version'] ? 'Valkey' : 'Redis'} ${info['valkey_version'] ?? info['redis_version'] ?? ''}`.trim(),
        destroy: () => socket.destroy(),
        end: () => socket.end(),
      });
    } catch (error) {
      socket.destroy();
      throw error;
    }
  },

  explain(error) {
    if (!(error instanceof RedisError)) return undefined;
    const { code, message } = error;
    if (/max number of clients/i.test(message)) {
      return { code, failure: 'too-many-connections', reason: `the server has no connection left (${message})` };
    }
    if (/DB index is out of range|invalid DB index/i.test(message)) {
      return { code, failure: 'unknown-database', reason: `login refused: ${message}` };
    }
    const [failure, words] = plain[code] ?? ['query', undefined];
    return { code, failure, reason: words ? `${words} (${message})` : `the server says: ${message}` };
  },
};

function connect(place: Place, options: Parameters<typeof timed>[1]): Socket {
  const { host, socketPath, port = 6379, tls } = place;
  const where = socketPath ? { path: socketPath } : { port, host: host || 'localhost' };
  if (tls ? tls.enabled : /^(rediss|valkeys):/.test(place.url)) {
    const socket = connectTls({ ...where, ...tlsOptions(place) });
    socket.once('secureConnect', () => options.mark('tls'));
    return timed(socket, options);
  }
  return timedSocket(options).connect(where);
}

function session(connection: RespConnection, hold: { server: string; destroy(): void; end(): void }): DatabaseSession {
  let sent = 0;
  const command = (...words: string[]): Promise<RespValue> => {
    sent += 1;
    return connection.command(...words);
  };
  /** A user that may not ask this has no such facts, which is no failure. */
  const allowed = async (...words: string[]): Promise<RespValue> => {
    try {
      return await command(...words);
    } catch (error) {
      if (error instanceof RedisError) return error;
      throw error;
    }
  };
  return {
    async ask(query) {
      await command(...(query?.trim().split(/\s+/) ?? ['PING']));
    },
    async facts(options) {
      // One after the other into the same packet: one way there and back.
      const [info, commands, slowlog] = await Promise.all([
        allowed('INFO'),
        options.withStatements ? allowed('INFO', 'commandstats') : null,
        allowed('SLOWLOG', 'GET', '10'),
      ]);
      if (info instanceof RedisError) return { figures: { statistics: `not available: ${info.message}` } };
      return redisFacts(parseInfo(info), parseInfo(commands), slowlog, options);
    },
    get alive() {
      return connection.alive;
    },
    get sent() {
      return sent;
    },
    server: hold.server,
    end: async () => hold.end(),
    destroy: hold.destroy,
  };
}
