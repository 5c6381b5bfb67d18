import type { Connection, RowDataPacket } from 'mysql2';
import { loadDriver } from '../driver.ts';
import type { DatabaseKind, DatabaseSession } from './kind.ts';
import { mysqlFacts } from './mysql-facts.ts';
import { timedSocket } from './timed-socket.ts';

/** Codes that deserve plainer words than the server's. */
const plain: Readonly<Record<string, string>> = {
  ER_ACCESS_DENIED_ERROR: 'login refused',
  ER_DBACCESS_DENIED_ERROR: 'login refused',
  ER_BAD_DB_ERROR: 'login refused',
  ER_CON_COUNT_ERROR: 'the server has no connection left',
  ER_USER_LIMIT_REACHED: 'the server has no connection left for this user',
  ER_HOST_IS_BLOCKED: 'the server blocks this host after too many failed attempts',
  ER_STATEMENT_TIMEOUT: 'the server cancelled the query because it took too long',
  ER_QUERY_TIMEOUT: 'the server cancelled the query because it took too long',
  ER_SERVER_SHUTDOWN: 'the server is shutting down',
  ER_CONNECTION_KILLED: 'the server ended the connection (an administrator’s command)',
};
/** MariaDB's number for a query that took longer than max_statement_time. */
const statementTimeout = 1969;
const connectionEnds = new Set(['ER_SERVER_SHUTDOWN', 'ER_CONNECTION_KILLED']);

/** MySQL, MariaDB and whatever speaks their protocol. Driver: `mysql2`. */
export const mysql: DatabaseKind = {
  explanation:
    'Logs in to MySQL or MariaDB and asks a question over a kept connection; every few runs over a new one, so that DNS and login are tested too. ' +
    'It tells whether the database can be used, and how long an answer takes.',

  async open(text, { signal, mark, timeoutMs }) {
    const { default: driver } = await loadDriver<{ default: typeof import('mysql2') }>('mysql2', 'Checking MySQL');
    const url = new URL(text);
    const socket = timedSocket({ signal, mark });
    const connection = driver.createConnection({
      uri: text,
      // The driver listens before the socket is connected, so that the server's greeting finds it there.
      stream: () => {
        socket.setNoDelay(true);
        socket.setKeepAlive(true);
        return socket.connect(Number(url.port || 3306), url.hostname.replace(/^\[|\]$/g, ''));
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
      return { code, reason: 'the server closed the connection without a word', connectionLost: true };
    }
    // Only what the server said has an SQL message; MariaDB has errors of its own that the driver has no name for.
    if (typeof sqlMessage !== 'string') return undefined;
    const known = errno === statementTimeout ? 'ER_STATEMENT_TIMEOUT' : String(code ?? errno);
    return {
      code: known,
      reason: `${plain[known] ?? 'the server says'}: ${sqlMessage}`,
      connectionLost: connectionEnds.has(known),
    };
  },
};

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

  /** The server's own time limit, set once: it stays with the session. */
  async function limit(budgetMs: number): Promise<void> {
    if (limitedTo === budgetMs) return;
    const setting = isMariadb
      ? `max_statement_time = ${budgetMs / 1000}`
      : `max_execution_time = ${Math.ceil(budgetMs)}`;
    await ask(connection, `SET SESSION ${setting}`);
    limitedTo = budgetMs;
  }

  return {
    async ask(query, budgetMs) {
      if (query !== undefined) await limit(budgetMs);
      await ask(connection, query ?? 'SELECT 1');
    },
    facts: () => mysqlFacts((sql) => ask(connection, sql)),
    get alive() {
      return isAlive();
    },
    server: `${isMariadb ? 'MariaDB' : 'MySQL'} ${version.split('-')[0]}`,
    end: () =>
      new Promise((resolve, reject) => {
        connection.end((error) => (error ? reject(error) : resolve()));
      }),
    destroy,
  };
}
