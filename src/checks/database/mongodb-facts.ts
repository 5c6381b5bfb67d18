import type { FactsOptions, ServerFacts, ServerSession } from './kind.ts';
import { judgeSeconds, judgeShare, known } from './levels.ts';

type Document = Readonly<Record<string, unknown>>;

/** Asks MongoDB how it is: serverStatus, what runs, and the state of the replica set. What the user may not see is left out and said. */
export async function mongodbFacts(
  ask: (command: Document) => Promise<Document>,
  { window, levels }: FactsOptions,
): Promise<ServerFacts> {
  const notes: Record<string, string> = {};
  const part = async (name: string, command: Document): Promise<Document> => {
    const refused = window.texts.get(`no ${name}`);
    if (refused !== undefined) {
      notes[name] = refused;
      return {};
    }
    try {
      return await ask(command);
    } catch (error) {
      // Only the server's own refusal is forgiven; a lost connection is the caller's business.
      if (typeof (error as { code?: unknown }).code !== 'number') throw error;
      notes[name] = `not available: ${(error as Error).message}`;
      window.texts.set(`no ${name}`, notes[name]);
      return {};
    }
  };
  const status = await part('statistics', { serverStatus: 1, metrics: 0, tcmalloc: 0 });
  const running = await part('sessions', { currentOp: 1, active: true, secs_running: { $gte: 1 } });
  const isMember = typeof at(status, 'repl', 'setName') === 'string';
  const members = isMember ? await part('replication', { replSetGetStatus: 1 }) : {};
  const sessions = list(running['inprog'])
    .filter((one) => typeof one['ns'] === 'string' && !String(one['ns']).startsWith('local.'))
    .map(session)
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, 10);
  return describe(status, sessions, members, notes, { window, levels });
}

function describe(
  status: Document,
  sessions: readonly ServerSession[],
  members: Document,
  notes: Readonly<Record<string, string>>,
  { window, levels }: Pick<FactsOptions, 'window' | 'levels'>,
): ServerFacts {
  const [used, available] = [number(status, 'connections', 'current'), number(status, 'connections', 'available')];
  const most = used === undefined || available === undefined ? undefined : used + available;
  const queued = number(status, 'globalLock', 'currentQueue', 'total');
  const isPrimary = at(status, 'repl', 'isWritablePrimary') ?? at(status, 'repl', 'ismaster');
  const replicas = membersOf(members);
  const lag = replicas.length > 0 ? Math.max(0, ...replicas.map((one) => one.lag_seconds)) : undefined;
  const opcounters = Object.values((status['opcounters'] as Document | undefined) ?? {}).map(numberOf);
  const commands = opcounters.length > 0 ? opcounters.reduce<number>((sum, one) => sum + (one ?? 0), 0) : undefined;
  const [cacheUsed, cacheMost] = [
    number(status, 'wiredTiger', 'cache', 'bytes currently in the cache'),
    number(status, 'wiredTiger', 'cache', 'maximum bytes configured'),
  ];
  const [pages, read] = [
    number(status, 'wiredTiger', 'cache', 'pages requested from the cache'),
    number(status, 'wiredTiger', 'cache', 'pages read into cache'),
  ];
  const [newPages, newRead] = [window.growth('pages', pages), window.growth('read', read)];
  const hitRatio = newPages
    ? Math.max(0, 1 - (newRead ?? 0) / newPages)
    : pages
      ? Math.max(0, 1 - (read ?? 0) / pages)
      : undefined;
  const resident = number(status, 'mem', 'resident');
  const gauges: [string, number | undefined][] = [
    ['database_connections_used', used],
    ['database_connections_max', most],
    ['database_connections_active', number(status, 'connections', 'active')],
    ['database_sessions_blocked', queued],
    ['database_longest_query_seconds', sessions[0]?.seconds ?? 0],
    ['database_memory_used_bytes', resident === undefined ? undefined : resident * 1024 * 1024],
    ['database_cache_hit_ratio', hitRatio],
    ['database_replay_age_seconds', lag],
  ];
  const there = (one: [string, number | undefined]): one is [string, number] => Number.isFinite(one[1]);
  return {
    figures: {
      role: isPrimary === undefined ? 'standalone' : isPrimary === true ? 'primary' : 'secondary',
      ...Object.fromEntries(gauges.filter(there).map(([name, value]) => [name.slice('database_'.length), value])),
      ...(cacheUsed !== undefined && cacheMost ? { cache_used_ratio: cacheUsed / cacheMost } : {}),
      ...(commands === undefined ? {} : { commands_total: commands }),
      ...(replicas.length > 0 ? { replicas } : {}),
      ...notes,
    },
    conditions: known(
      judgeShare('connections', 'connections', used, most, levels.connections_used_percent),
      judgeSeconds('long-query', 'an operation runs', sessions[0]?.seconds ?? 0, levels.long_query_seconds),
      lag === undefined
        ? undefined
        : judgeSeconds('replication-lag', 'a replica is behind', lag, levels.replication_lag_seconds),
    ),
    samples: [
      ...gauges.filter(there).map(([name, value]) => ({ name, labels: {}, value })),
      ...(commands === undefined
        ? []
        : [{ name: 'database_commands_total', labels: {}, value: commands, kind: 'counter' as const }]),
    ],
    activity: sessions,
    readOnly: isPrimary === false,
  };
}

/** An operation that runs, as its kind, its collection and the names of its fields: values are data. */
function session(operation: Document): ServerSession {
  const command = (operation['command'] as Document | undefined) ?? {};
  const fields = Object.keys(command)
    .filter((name) => !name.startsWith('$') && name !== 'lsid')
    .slice(0, 8);
  return {
    pid: numberOf(operation['opid']) ?? 0,
    who: String(operation['appName'] ?? operation['desc'] ?? 'unknown').slice(0, 80),
    state: String(operation['op'] ?? 'unknown').slice(0, 40),
    ...(operation['waitingForLock'] === true ? { wait: 'Lock' } : {}),
    seconds: numberOf(operation['secs_running']) ?? 0,
    statement: `${String(operation['ns'] ?? '')} { ${fields.join(', ')} }`.slice(0, 200),
  };
}

function membersOf(status: Document): { name: string; state: string; lag_seconds: number }[] {
  const members = list(status['members']);
  const time = (member: Document | undefined) => new Date(member?.['optimeDate'] as string | number | Date).getTime();
  const primary = time(members.find((one) => one['stateStr'] === 'PRIMARY'));
  return members
    .filter((one) => one['stateStr'] !== 'PRIMARY' && one['stateStr'] !== 'ARBITER')
    .slice(0, 20)
    .map((one) => {
      const lag = (primary - time(one)) / 1000;
      return {
        name: String(one['name'] ?? ''),
        state: String(one['stateStr'] ?? 'unknown'),
        lag_seconds: Number.isFinite(lag) ? Math.max(0, lag) : 0,
      };
    });
}

function list(value: unknown): readonly Document[] {
  return Array.isArray(value) ? (value as Document[]) : [];
}

function at(document: Document, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? (value as Document)[key] : undefined),
    document,
  );
}

function number(document: Document, ...path: readonly string[]): number | undefined {
  return numberOf(at(document, ...path));
}

/** BSON's numbers may be objects. */
function numberOf(value: unknown): number | undefined {
  const number = Number(value);
  return value === undefined || value === null || !Number.isFinite(number) ? undefined : number;
}
