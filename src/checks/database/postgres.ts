import type { Client } from 'pg';
import { loadDriver } from '../driver.ts';
import type { DatabaseKind, DatabaseSession } from './kind.ts';
import { postgresFacts } from './postgres-facts.ts';
import { timedSocket } from './timed-socket.ts';

/** SQLSTATE codes that deserve plainer words than the server's. */
const plain: Readonly<Record<string, string>> = {
  '28P01': 'login refused',
  '28000': 'login refused',
  '3D000': 'login refused',
  '42501': 'permission denied',
  '53300': 'the server has no connection left',
  '57014': 'the server cancelled the query because it took too long',
  '57P01': 'the server ended the connection (an administrator’s command, or it is shutting down)',
  '57P02': 'the server crashed and is recovering',
  '57P03': 'the server is starting up or shutting down',
  '25P02': 'a transaction was aborted and not rolled back',
};

/** PostgreSQL, and whatever speaks its protocol (poolers, too). Driver: `pg`. */
export const postgres: DatabaseKind = {
  explanation:
    'Logs in to PostgreSQL and asks a question over a kept connection; every few runs over a new one, so that DNS and login are tested too. ' +
    'It tells whether the database can be used, and how long an answer takes.',

  async open(url, { signal, mark }) {
    const { default: pg } = await loadDriver<{ default: typeof import('pg') }>('pg', 'Checking PostgreSQL');
    const socket = timedSocket({ signal, mark });
    const client = new pg.Client({
      connectionString: asLibpqReads(url),
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
    client.connection.on('parameterStatus', (message: { parameterName: string; parameterValue: string }) => {
      if (message.parameterName === 'server_version') server = `PostgreSQL ${message.parameterValue.split(' ')[0]}`;
    });
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
    if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && 'severity' in error) {
      return {
        code,
        reason: plain[code] ? `${plain[code]}: ${error.message}` : `the server says: ${error.message}`,
        // The server says goodbye before it closes.
        connectionLost: /^57P0[123]$|^08/.test(code),
      };
    }
    if (error.message.startsWith('Connection terminated')) {
      return {
        code: 'connection-lost',
        reason: 'the server closed the connection without a word',
        connectionLost: true,
      };
    }
    if (/received invalid response|unexpected message|Unknown message|Received unexpected/i.test(error.message)) {
      return { code: 'protocol', reason: 'the other side does not speak PostgreSQL’s protocol' };
    }
    return undefined;
  },
};

/**
 * `sslmode=require` means "encrypted, whoever it is" to libpq, psql and the predecessor; the driver alone would verify, and warn about it.
 * `verify-ca` and `verify-full` verify.
 */
function asLibpqReads(text: string): string {
  const url = new URL(text);
  if (!url.searchParams.has('sslmode') || url.searchParams.has('uselibpqcompat')) return text;
  url.searchParams.set('uselibpqcompat', 'true');
  return url.href;
}

interface Hold {
  isAlive(): boolean;
  server(): string;
  destroy(): void;
}

function session(client: Client, hold: Hold): DatabaseSession {
  return {
    async ask(query, budgetMs) {
      // SET LOCAL ends with this message's own transaction, so that a pooler's shared connection keeps nothing of it.
      const limit = `SET LOCAL statement_timeout = ${Math.max(1, Math.floor(budgetMs))};`;
      await client.query(query === undefined ? 'SELECT 1' : `${limit} ${query}`);
    },
    facts: (budgetMs) => postgresFacts(client, budgetMs),
    get alive() {
      return hold.isAlive();
    },
    get server() {
      return hold.server();
    },
    async end() {
      await client.end();
    },
    destroy: hold.destroy,
  };
}
