import type { Connection, ConnectionOptions, RowDataPacket } from 'mysql2';
import { loadDriver } from '../driver.ts';
import type { DatabaseKind, DatabaseSession, FailureKind } from './kind.ts';
import { mysqlFacts } from './mysql-facts.ts';
import { type Place, tlsOptions } from './place.ts';
import { timedSocket } from './timed-socket.ts';

/** Codes that deserve plainer words than the server's. */
const plain: Readonly<Record<string, readonly [FailureKind, string]>> = {
  ER_ACCESS_DENIED_ERROR: ['authentication', 'login refused'],
  ER_DBACCESS_DENIED_ERROR: ['permission', 'login refused'],
  ER_BAD_DB_ERROR: ['unknown-database', 'login refused'],
  ER_CON_COUNT_ERROR: ['too-many-connections', 'the server has no connection left'],
  ER_USER_LIMIT_REACHED: ['too-many-connections', 'the server has no connection left for this user'],
  ER_TOO_MANY_USER_CONNECTIONS: ['too-many-connections', 'the server has no connection left for this user'],
  ER_HOST_IS_BLOCKED: ['authentication', 'the server blocks this host after too many failed attempts'],
  ER_STATEMENT_TIMEOUT: ['timeout', 'the server cancelled the query because it took too long'],
  ER_QUERY_TIMEOUT: ['timeout', 'the server cancelled the query because it took too long'],
  ER_LOCK_WAIT_TIMEOUT: ['locked', 'the server gave up waiting for a lock'],
  ER_OPTION_PREVENTS_STATEMENT: ['read-only', 'the server is read-only (a replica, or set so)'],
  ER_SERVER_SHUTDOWN: ['shutting-down', 'the server is shutting down'],
  ER_CONNECTION_KILLED: ['shutting-down', 'the server ended the connection (an administrator’s command)'],
  ER_SECURE_TRANSPORT_REQUIRED: ['tls', 'the server lets us in with TLS only'],
  HANDSHAKE_NO_SSL_SUPPORT: ['tls', 'the server does not support TLS; we insist on it'],
};
/** MariaDB's number for a query that took longer than max_statement_time. */
const statementTimeout = 1969;
const connectionEnds = new Set(['ER_SERVER_SHUTDOWN', 'ER_CONNECTION_KILLED']);

/** MySQL, MariaDB and whatever speaks their protocol. Driver: `mysql2`. */
export const mysql: DatabaseKind = {
  explanation:
    'Logs in to MySQL or MariaDB and asks a question over a kept connection; every few runs over a new one, so that DNS and login are tested too. ' +
    'It tells whether the database can be used, and how long an answer takes.',

  async open(place, { signal, mark, timeoutMs }) {
    const { default: driver } = await loadDriver<{ default: typeof import('mysql2') }>('mysql2', 'Checking MySQL');
    const socket = timedSocket({ signal, mark });
    const connection = driver.createConnection({
      ...connectionConfig(place),
      // The driver listens before the socket is connected, so that the server's greeting finds it there.
      stream: () => {
        socket.setNoDelay(true);
        socket.setKeepAlive(true);
        return place.socketPath
          ? socket.connect(place.socketPath)
          : socket.connect(place.port ?? 3306, place.host || 'localhost');
      },
      // Our own deadline comes first; this one only has to be out of its way.
      connectTimeout: timeoutMs + 60_000,
    });
    let alive = true;
    const lost = () => {
      alive = false;
    };
    connection.on('error', lost);
    connection.on('end', lost);
    socket.on('close', lost);
    try {
      await new Promise<void>((resolve, reject) => {
        connection.once('connect', () => resolve());
        connection.once('error', reject);
        socket.once('close', () => reject(new Error('the server closed the connection without a word')));
      });
      const [row] = await ask(connection, 'SELECT VERSION() AS version');
      const version = String(row?.version ?? '');
      mark('login');
      return session(
        connection,
        version,
        () => alive,
        () => {
          alive = false;
          connection.destroy();
          socket.destroy();
        },
      );
    } catch (error) {
      connection.destroy();
      socket.destroy();
      throw error;
    }
  },

  explain(error) {
    if (!(error instanceof Error)) return undefined;
    const { code, errno, sqlMessage } = error as { code?: unknown; errno?: unknown; sqlMessage?: unknown };
    if (code === 'PROTOCOL_CONNECTION_LOST') {
      const reason = 'the server closed the connection without a word';
      return { code, reason, failure: 'connection-lost', connectionLost: true };
    }
    if (code === 'HANDSHAKE_NO_SSL_SUPPORT') return { code, failure: 'tls', reason: plain[code]![1] };
    // Only what the server said has an SQL message; MariaDB has errors of its own that the driver has no name for.
    if (typeof sqlMessage !== 'string') return undefined;
    const known = errno === statementTimeout ? 'ER_STATEMENT_TIMEOUT' : String(code ?? errno);
    const [failure, words] = plain[known] ?? ['query', 'the server says'];
    return {
      code: known,
      failure,
      reason: `${words}: ${sqlMessage}`,
      connectionLost: connectionEnds.has(known),
    };
  },
};

function connectionConfig(place: Place): ConnectionOptions {
  const { tls, params } = place;
  const url = new URL(place.url);
  // What MySQL's own programs understand and the driver does not.
  const mode = (params.get('ssl-mode') ?? params.get('sslmode') ?? '').toUpperCase();
  for (const name of ['ssl-mode', 'sslmode']) url.searchParams.delete(name);
  const byUrl = mode !== '' && mode !== 'DISABLED' && mode !== 'DISABLE';
  const verify = tls ? tls.verify : /VERIFY/.test(mode);
  const encrypt = tls ? tls.enabled : byUrl;
  return {
    uri: url.href,
    ...(encrypt
      ? { ssl: { ...tlsOptions(place), rejectUnauthorized: verify, verifyIdentity: verify && mode !== 'VERIFY_CA' } }
      : {}),
  };
}

function ask(connection: Connection, sql: string): Promise<RowDataPacket[]> {
  return new Promise((resolve, reject) => {
    connection.query<RowDataPacket[]>(sql, (error, rows) => (error ? reject(error) : resolve(rows)));
  });
}

function session(
  connection: Connection,
  version: string,
  isAlive: () => boolean,
  destroy: () => void,
): DatabaseSession {
  const isMariadb = /mariadb/i.test(version);
  let limitedTo: number | undefined;
  let sent = 0;
  const put = (sql: string) => {
    sent += 1;
    return ask(connection, sql);
  };

  /** The server's own time limit, set once: it stays with the session. Rounded, so that it is not set anew for a millisecond. */
  async function limit(budgetMs: number): Promise<void> {
    const rounded = Math.max(10, Math.floor(budgetMs / 100) * 100);
    if (limitedTo === rounded) return;
    const setting = isMariadb ? `max_statement_time = ${rounded / 1000}` : `max_execution_time = ${rounded}`;
    await put(`SET SESSION ${setting}`);
    limitedTo = rounded;
  }

  return {
    async ask(query, budgetMs) {
      if (query !== undefined) await limit(budgetMs);
      await put(query ?? 'SELECT 1');
    },
    async facts(options) {
      await limit(options.budgetMs);
      return mysqlFacts(put, isMariadb, options);
    },
    get alive() {
      return isAlive();
    },
    get sent() {
      return sent;
    },
    server: `${isMariadb ? 'MariaDB' : 'MySQL'} ${version.split('-')[0]}`,
    end: () =>
      new Promise((resolve, reject) => {
        connection.end((error) => (error ? reject(error) : resolve()));
      }),
    destroy,
  };
}
