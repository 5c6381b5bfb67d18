import { isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { DatabaseKind, DatabaseSession, ServerFacts } from './kind.ts';
import { RedisError, type RespConnection, respConnection } from './resp.ts';
import { timed, timedSocket } from './timed-socket.ts';

/** Answers that deserve plainer words. */
const plain: Readonly<Record<string, string>> = {
  WRONGPASS: 'login refused',
  NOAUTH: 'login refused: the server wants a password',
  NOPERM: 'permission denied',
  LOADING: 'the server is still loading its data',
  MASTERDOWN: 'the replica has lost its master',
  BUSY: 'the server is busy with a script',
  MISCONF: 'the server refuses writes because it cannot save to its disk',
};

/** Redis, Valkey and whatever speaks their protocol. Needs no driver. */
export const redis: DatabaseKind = {
  explanation:
    'Logs in to Redis (or Valkey) and sends PING over a kept connection; every few runs over a new one, so that DNS and login are tested too. ' +
    'It tells whether it can be used, how long an answer takes, and how full it is.',

  async open(text, { signal, mark }) {
    const url = new URL(text);
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const port = Number(url.port || 6379);
    const secure = url.protocol === 'rediss:';
    const socket = secure
      ? timed(connectTls({ host, port, ...(isIP(host) ? {} : { servername: host }) }), { signal, mark })
      : timedSocket({ signal, mark });
    const connection = respConnection(socket);
    socket.setKeepAlive(true);
    if (!secure) socket.connect(port, host);
    try {
      if (url.password) {
        const user = url.username ? [decodeURIComponent(url.username)] : [];
        await connection.command('AUTH', ...user, decodeURIComponent(url.password));
      }
      const database = /^\/(\d+)$/.exec(url.pathname)?.[1];
      if (database !== undefined && database !== '0') await connection.command('SELECT', database);
      const info = parseInfo(await connection.command('INFO', 'server'));
      mark('login');
      return session(connection, {
        server: `${info.valkey_version ? 'Valkey' : 'Redis'} ${info.valkey_version ?? info.redis_version ?? ''}`.trim(),
        destroy: () => socket.destroy(),
        end: () => socket.end(),
      });
    } catch (error) {
      socket.destroy();
      throw error;
    }
  },

  explain(error) {
    if (error instanceof RedisError) {
      const { code } = error;
      return { code, reason: plain[code] ? `${plain[code]} (${error.message})` : `the server says: ${error.message}` };
    }
    return undefined;
  },
};

function session(connection: RespConnection, hold: { server: string; destroy(): void; end(): void }): DatabaseSession {
  return {
    async ask(query) {
      await connection.command(...(query?.trim().split(/\s+/) ?? ['PING']));
    },
    facts: async () => {
      try {
        return describe(parseInfo(await connection.command('INFO')));
      } catch (error) {
        // A user that may not ask for INFO has no facts, which is no failure.
        if (error instanceof RedisError) return { seen: { statistics: `not available: ${error.message}` } };
        throw error;
      }
    },
    get alive() {
      return connection.alive;
    },
    server: hold.server,
    end: async () => hold.end(),
    destroy: hold.destroy,
  };
}

/** INFO's `name:value` lines. */
export function parseInfo(reply: unknown): Record<string, string | undefined> {
  if (typeof reply !== 'string') return {};
  return Object.fromEntries(
    reply
      .split('\r\n')
      .filter((line) => line.includes(':') && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  );
}

/** From this share of its memory limit on, Redis evicts or refuses soon. */
const fullShare = 0.9;

function describe(info: Record<string, string | undefined>): ServerFacts {
  const number = (name: string) => Number(info[name] ?? Number.NaN);
  const [used, most] = [number('used_memory'), number('maxmemory')];
  const [clients, mostClients] = [number('connected_clients'), number('maxclients')];
  const [hits, misses] = [number('keyspace_hits'), number('keyspace_misses')];
  const problems: string[] = [];
  if (most > 0 && used / most >= fullShare) problems.push(`${Math.round((used / most) * 100)} % of maxmemory are used`);
  if (mostClients > 0 && clients / mostClients >= fullShare)
    problems.push(`${clients} of ${mostClients} client connections are in use`);
  if (info.master_link_status === 'down') problems.push('the replica has lost the link to its master');
  if (info.rdb_last_bgsave_status === 'err') problems.push('the last save to the disk failed');
  const gauges: [string, number][] = [
    ['database_connections_used', clients],
    ['database_connections_max', mostClients],
    ['database_memory_used_bytes', used],
    ['database_cache_hit_ratio', hits + misses > 0 ? hits / (hits + misses) : Number.NaN],
  ];
  const counters: [string, number][] = [
    ['database_evicted_keys_total', number('evicted_keys')],
    ['database_commands_total', number('total_commands_processed')],
  ];
  const finite = ([, value]: [string, number]) => Number.isFinite(value);
  return {
    seen: {
      role: info.role ?? 'unknown',
      ...Object.fromEntries(
        [...gauges, ...counters].filter(finite).map(([name, value]) => [name.slice('database_'.length), value]),
      ),
      ...(most > 0 ? { memory_max_bytes: most } : {}),
    },
    samples: [
      ...gauges.filter(finite).map(([name, value]) => ({ name, labels: {}, value })),
      ...counters.filter(finite).map(([name, value]) => ({ name, labels: {}, value, kind: 'counter' as const })),
    ],
    problems,
  };
}
