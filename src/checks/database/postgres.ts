import type { Client, ClientConfig } from 'pg';
import { loadDriver } from '../driver.ts';
import type { DatabaseKind, DatabaseSession, DriverFailure, FailureKind } from './kind.ts';
import { type Place, tlsOptions } from './place.ts';
import { postgresFacts } from './postgres-facts.ts';
import { timedSocket } from './timed-socket.ts';

/** SQLSTATE codes that deserve plainer words than the server's. */
const plain: Readonly<Record<string, readonly [FailureKind, string]>> = {
  '28P01': ['authentication', 'login refused'],
  '28000': ['authentication', 'login refused'],
  '3D000': ['unknown-database', 'login refused'],
  '42501': ['permission', 'permission denied'],
  '53300': ['too-many-connections', 'the server has no connection left'],
  '57014': ['timeout', 'the server cancelled the query because it took too long'],
  '55P03': ['locked', 'the server gave up waiting for a lock'],
  '57P01': ['shutting-down', 'the server ended the connection (an administrator’s command, or it is shutting down)'],
  '57P02': ['shutting-down', 'the server crashed and is recovering'],
  '57P03': ['starting-up', 'the server is starting up or shutting down'],
  '25006': ['read-only', 'the server is read-only (a standby, or set so)'],
  '25P02': ['query', 'a transaction was aborted and not rolled back'],
};

/** PostgreSQL, and whatever speaks its protocol (poolers, too). Driver: `pg`. */
export const postgres: DatabaseKind = {
  explanation:
    'Logs in to PostgreSQL and asks a question over a kept connection; every few runs over a new one, so that DNS and login are tested too. ' +
    'It tells whether the database can be used, and how long an answer takes.',

  async open(place, { signal, mark }) {
    const { default: pg } = await loadDriver<{ default: typeof import('pg') }>('pg', 'Checking PostgreSQL');
    const socket = timedSocket({ signal, mark });
    const client = new pg.Client({
      ...clientConfig(place),
      stream: () => socket,
      keepAlive: true,
      fallback_application_name: 'cryoprotect-monitoring',
    });
    let alive = true;
    // Also keeps an idle connection's end from becoming an uncaught exception.
    client.on('error', () => {
      alive = false;
    });
    client.on('end', () => {
      alive = false;
    });
    let server = 'PostgreSQL';
    const { connection } = client;
    connection.on('parameterStatus', (message: { parameterName: string; parameterValue: string }) => {
      if (message.parameterName === 'server_version') server = `PostgreSQL ${message.parameterValue.split(' ')[0]}`;
    });
    connection.once('sslconnect', () => connection.stream.once('secureConnect', () => mark('tls')));
    try {
      await client.connect();
    } catch (error) {
      socket.destroy();
      throw error;
    }
    mark('login');
    return session(client, {
      isAlive: () => alive && !socket.destroyed,
      server: () => server,
      destroy: () => socket.destroy(),
    });
  },

  explain(error) {
    if (!(error instanceof Error)) return undefined;
    const { code } = error as { code?: unknown };
    if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && 'severity' in error) return explainState(code, error);
    if (error.message.startsWith('Connection terminated')) {
      return {
        code: 'connection-lost',
        failure: 'connection-lost',
        reason: 'the server closed the connection without a word',
        connectionLost: true,
      };
    }
    if (/does not support SSL/i.test(error.message)) {
      return { code: 'tls', failure: 'tls', reason: 'the server does not support SSL connections; we insist on one' };
    }
    if (/received invalid response|unexpected message|Unknown message|Received unexpected/i.test(error.message)) {
      return { code: 'protocol', failure: 'protocol', reason: 'the other side does not speak PostgreSQL’s protocol' };
    }
    if (/SASL|client password must be a string/i.test(error.message)) {
      return { code: 'password', failure: 'authentication', reason: `login refused: ${error.message}` };
    }
    return undefined;
  },
};

function explainState(code: string, error: Error): DriverFailure {
  const [failure, words] = plain[code] ?? ['query', 'the server says'];
  // "no pg_hba.conf entry for host …, no encryption": it would let us in with TLS.
  const wantsTls = code === '28000' && /no encryption|SSL off/i.test(error.message);
  return {
    code,
    failure: wantsTls ? 'tls' : failure,
    reason: `${words}: ${error.message}`,
    // The server says goodbye before it closes.
    connectionLost: /^57P0[123]$|^08/.test(code),
  };
}

function clientConfig(place: Place): ClientConfig {
  const url = new URL(place.url);
  if (place.tls) {
    for (const name of ['sslmode', 'sslcert', 'sslkey', 'sslrootcert', 'ssl', 'uselibpqcompat'])
      url.searchParams.delete(name);
  } else if (url.searchParams.has('sslmode') && !url.searchParams.has('uselibpqcompat')) {
    // `sslmode=require` means "encrypted, whoever it is" to libpq, psql and the predecessor; the driver alone would verify, and warn about it.
    url.searchParams.set('uselibpqcompat', 'true');
  }
  return {
    connectionString: url.href,
    ...(place.tls ? { ssl: place.tls.enabled ? tlsOptions(place) : false } : {}),
  };
}

interface Hold {
  isAlive(): boolean;
  server(): string;
  destroy(): void;
}

function session(client: Client, hold: Hold): DatabaseSession {
  let sent = 0;
  const ask = async (sql: string) => {
    sent += 1;
    // Several statements give a list of results; ours is the last.
    const answer = (await client.query(sql)) as unknown as
      | { rows: Record<string, unknown>[] }[]
      | { rows: Record<string, unknown>[] };
    return (Array.isArray(answer) ? answer.at(-1)?.rows : answer.rows) ?? [];
  };
  return {
    async ask(query, budgetMs) {
      // SET LOCAL ends with this message's own transaction, so that a pooler's shared connection keeps nothing of it.
      const limit = `SET LOCAL statement_timeout = ${Math.max(1, Math.floor(budgetMs))};`;
      await ask(query === undefined ? 'SELECT 1' : `${limit} ${query}`);
    },
    facts: (options) => postgresFacts(ask, options),
    get alive() {
      return hold.isAlive();
    },
    get sent() {
      return sent;
    },
    get server() {
      return hold.server();
    },
    end: () => client.end(),
    destroy: hold.destroy,
  };
}
