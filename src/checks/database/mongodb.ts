import type { Db, MongoClient, MongoClientOptions } from 'mongodb';
import { loadDriver } from '../driver.ts';
import type { DatabaseKind, DatabaseSession, DriverFailure } from './kind.ts';
import { mongodbFacts } from './mongodb-facts.ts';
import { type Place, tlsOptions } from './place.ts';

/** Codes of the server's answers that deserve plainer words. */
const plain: Readonly<Record<number, Omit<DriverFailure, 'code'>>> = {
  13: { failure: 'permission', reason: 'permission denied' },
  18: { failure: 'authentication', reason: 'login refused' },
  50: { failure: 'timeout', reason: 'the server cancelled the query because it took too long' },
  91: { failure: 'shutting-down', reason: 'the server is shutting down', connectionLost: true },
  10107: { failure: 'read-only', reason: 'the server is not the primary' },
  11600: { failure: 'shutting-down', reason: 'the server is shutting down', connectionLost: true },
  13435: { failure: 'read-only', reason: 'the server is a secondary' },
  13436: { failure: 'starting-up', reason: 'the server is starting or recovering' },
};

/** The server's own time limit must be below ours, ms. */
const leastBudgetMs = 10;

/** MongoDB and whatever speaks its protocol. Driver: `mongodb`. */
export const mongodb: DatabaseKind = {
  explanation:
    'Logs in to MongoDB and sends ping over a kept connection; every few runs over a new one, so that DNS and login are tested too. ' +
    'It tells whether it can be used, how long an answer takes, and how busy it is.',

  async open(place, { signal, timeoutMs, mark }) {
    const driver = await loadDriver<typeof import('mongodb')>('mongodb', 'Checking MongoDB');
    const client = new driver.MongoClient(place.url, clientOptions(place, timeoutMs));
    let alive = true;
    const destroy = () => {
      alive = false;
      void client.close(true).catch(() => {});
    };
    // The driver's own watch connects first: from then on we wait for the login.
    client.once('serverHeartbeatSucceeded', () => mark('connect'));
    const refused = refusedBySeeds(client);
    client.on('serverHeartbeatFailed', () => {
      alive = false;
    });
    client.on('connectionClosed', () => {
      alive = false;
    });
    signal.addEventListener('abort', destroy, { once: true });
    try {
      await Promise.race([client.connect(), refused]);
      // Connecting proves little: the driver logs in with the first command.
      const db = client.db(place.database || 'admin');
      const info = await db.admin().command({ buildInfo: 1 });
      mark('login');
      return session(client, db, String(info['version'] ?? ''), { isAlive: () => alive, destroy });
    } catch (error) {
      destroy();
      throw error;
    } finally {
      signal.removeEventListener('abort', destroy);
    }
  },

  explain(error) {
    if (!(error instanceof Error) || !error.name.startsWith('Mongo')) return undefined;
    const { code } = error as { code?: unknown };
    const known = typeof code === 'number' ? plain[code] : undefined;
    if (known) return { ...known, code: String(code), reason: `${known.reason}: ${error.message}` };
    if (typeof code === 'number')
      return { code: String(code), failure: 'query', reason: `the server says: ${error.message}` };
    // The driver gives up choosing a server and hides why in the cause; the network's words say more.
    const inner = innermost(error);
    if (inner !== error) return undefined;
    if (/timed out|closed/i.test(error.message)) {
      return { code: error.name, failure: 'connection-lost', reason: error.message, connectionLost: true };
    }
    return { code: error.name, failure: 'protocol', reason: error.message };
  },

  unwrap: (error) => (error instanceof Error && error.name.startsWith('Mongo') ? innermost(error) : error),
};

/** Rejects when every server that the address names has refused. The driver alone would go on trying until its time is over. */
function refusedBySeeds(client: MongoClient): Promise<never> {
  const failed = new Set<string>();
  return new Promise((_, reject) => {
    client.on('serverHeartbeatFailed', ({ connectionId, failure }) => {
      failed.add(connectionId);
      if (failed.size >= Math.max(1, client.options.hosts.length)) reject(failure);
    });
  });
}

/** The error of the network below the driver's own. */
function innermost(error: Error): Error {
  const { cause, reason } = error as { cause?: unknown; reason?: { servers?: Map<string, { error?: unknown }> } };
  const servers = [...(reason?.servers?.values() ?? [])].map((one) => one.error);
  const next = [cause, ...servers].find((one): one is Error => one instanceof Error && one !== error);
  return next ? innermost(next) : error;
}

function clientOptions(place: Place, timeoutMs: number): MongoClientOptions {
  return {
    appName: 'cryoprotect-monitoring',
    maxPoolSize: 1,
    minPoolSize: 0,
    retryReads: false,
    // Our own deadline comes first; these only have to be out of its way.
    serverSelectionTimeoutMS: timeoutMs + 60_000,
    connectTimeoutMS: timeoutMs + 60_000,
    socketTimeoutMS: timeoutMs + 60_000,
    // The driver watches its servers too; one look a minute is enough, because we look ourselves.
    serverMonitoringMode: 'poll',
    heartbeatFrequencyMS: 60_000,
    ...(place.tls ? (place.tls.enabled ? { tls: true, ...tlsOptions(place) } : { tls: false }) : {}),
  };
}

function session(
  client: MongoClient,
  db: Db,
  version: string,
  hold: { isAlive(): boolean; destroy(): void },
): DatabaseSession {
  let sent = 0;
  return {
    async ask(query, budgetMs) {
      sent += 1;
      const limit = { maxTimeMS: Math.max(leastBudgetMs, Math.floor(budgetMs)) };
      await db.command({ ...readQuestion(query), ...limit });
    },
    facts: (options) =>
      mongodbFacts((command) => {
        sent += 1;
        return db.admin().command({ ...command, maxTimeMS: Math.max(leastBudgetMs, Math.floor(options.budgetMs)) });
      }, options),
    get alive() {
      return hold.isAlive();
    },
    get sent() {
      return sent;
    },
    server: `MongoDB ${version}`.trim(),
    end: () => client.close(),
    destroy: hold.destroy,
  };
}

/** A question is a command as JSON, e.g. `{ "count": "molecules" }`, or the name of a command. */
function readQuestion(query: string | undefined): Record<string, unknown> {
  if (query === undefined) return { ping: 1 };
  return query.trim().startsWith('{') ? (JSON.parse(query) as Record<string, unknown>) : { [query.trim()]: 1 };
}
