import type { ConditionResult } from '../../model/check.ts';
import type { FactsOptions, ServerFacts } from './kind.ts';
import { judgeSeconds, judgeShare, known } from './levels.ts';
import type { RespValue } from './resp.ts';
import { topStatements } from './statements.ts';
import type { Window } from './window.ts';

export type RedisInfo = Readonly<Record<string, string | undefined>>;

/** INFO's `name:value` lines. */
export function parseInfo(reply: unknown): RedisInfo {
  if (typeof reply !== 'string') return {};
  return Object.fromEntries(
    reply
      .split('\r\n')
      .filter((line) => line.includes(':') && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  );
}

/** Makes facts of INFO, INFO commandstats and SLOWLOG GET. Arguments of commands are data: only their number is told. */
export function redisFacts(
  info: RedisInfo,
  commands: RedisInfo,
  slowlog: RespValue,
  options: FactsOptions,
): ServerFacts {
  const { window, levels } = options;
  const number = (name: string) => (info[name] === undefined ? undefined : Number(info[name]));
  const [used, most] = [number('used_memory'), number('maxmemory')];
  const replicas = replicasOf(info);
  const lag =
    info['role'] === 'slave'
      ? number('master_last_io_seconds_ago')
      : Math.max(-1, ...replicas.map((one) => one.lag_seconds));
  const hits = window.growth('hits', number('keyspace_hits'));
  const misses = window.growth('misses', number('keyspace_misses'));
  const recent = (hits ?? 0) + (misses ?? 0);
  const all = (number('keyspace_hits') ?? 0) + (number('keyspace_misses') ?? 0);
  const hitRatio = recent > 0 ? (hits ?? 0) / recent : all > 0 ? (number('keyspace_hits') ?? 0) / all : undefined;
  const refused = window.growth('refused', number('rejected_connections'));
  const gauges: [string, number | undefined][] = [
    ['database_connections_used', number('connected_clients')],
    ['database_connections_max', number('maxclients')],
    ['database_memory_used_bytes', used],
    ['database_cache_hit_ratio', hitRatio],
    ['database_replay_age_seconds', lag !== undefined && lag >= 0 ? lag : undefined],
  ];
  const counters: [string, number | undefined][] = [
    ['database_evicted_keys_total', number('evicted_keys')],
    ['database_commands_total', number('total_commands_processed')],
  ];
  const there = (one: [string, number | undefined]): one is [string, number] => Number.isFinite(one[1]);
  const slow = newSlowCommands(slowlog, window);
  const statements = options.withStatements ? takeCommands(commands, window) : undefined;
  return {
    figures: {
      role: info['role'] ?? 'unknown',
      ...Object.fromEntries(
        [...gauges, ...counters].filter(there).map(([name, value]) => [name.slice('database_'.length), value]),
      ),
      ...(most ? { memory_max_bytes: most, eviction: info['maxmemory_policy'] ?? 'unknown' } : {}),
      blocked_clients: number('blocked_clients') ?? 0,
      ...(info['mem_fragmentation_ratio'] ? { memory_fragmentation_ratio: number('mem_fragmentation_ratio') } : {}),
      ...(replicas.length > 0 ? { replicas } : {}),
      ...(info['master_link_status'] ? { master_link: info['master_link_status'] } : {}),
      last_save: info['rdb_last_bgsave_status'] ?? 'unknown',
      ...(info['aof_enabled'] === '1' ? { append_only_file: info['aof_last_write_status'] ?? 'unknown' } : {}),
      unsaved_changes: number('rdb_changes_since_last_save') ?? 0,
      ...(refused === undefined ? {} : { clients_refused_since_last_pass: refused }),
      ...(slow.length > 0 ? { slow_commands: slow } : {}),
    },
    conditions: conditions(info, { used, most, lag, refused }, levels),
    samples: [
      ...gauges.filter(there).map(([name, value]) => ({ name, labels: {}, value })),
      ...counters.filter(there).map(([name, value]) => ({ name, labels: {}, value, kind: 'counter' as const })),
    ],
    ...(statements ? { statements } : {}),
    readOnly: info['role'] === 'slave' && info['slave_read_only'] !== '0',
  };
}

function conditions(
  info: RedisInfo,
  of: {
    readonly used: number | undefined;
    readonly most: number | undefined;
    readonly lag: number | undefined;
    readonly refused: number | undefined;
  },
  levels: FactsOptions['levels'],
): ConditionResult[] {
  const state = (id: string, condition: string, broken: boolean, words: string): ConditionResult => ({
    id,
    condition,
    met: !broken,
    seen: broken ? words : 'so it is',
    severity: 'error',
  });
  return known(
    judgeShare('memory', 'bytes of maxmemory', of.used, of.most, levels.memory_used_percent),
    judgeShare(
      'connections',
      'client connections',
      Number(info['connected_clients']),
      Number(info['maxclients']),
      levels.connections_used_percent,
    ),
    of.lag === undefined || of.lag < 0
      ? undefined
      : judgeSeconds('replication-lag', 'a replica is behind', of.lag, levels.replication_lag_seconds),
    info['master_link_status'] === undefined
      ? undefined
      : state(
          'replication',
          'the link to the master is up',
          info['master_link_status'] === 'down',
          'the replica has lost the link to its master',
        ),
    state(
      'persistence',
      'what was saved last reached the disk',
      info['rdb_last_bgsave_status'] === 'err' ||
        (info['aof_enabled'] === '1' && info['aof_last_write_status'] === 'err'),
      'the last save to the disk failed',
    ),
    of.refused === undefined
      ? undefined
      : state(
          'refused-clients',
          'no client was refused since the last look',
          of.refused > 0,
          `${of.refused} clients were refused`,
        ),
  );
}

/** `slave0:ip=10.0.0.2,port=6379,state=online,offset=42,lag=0` */
function replicasOf(info: RedisInfo): { name: string; state: string; lag_seconds: number }[] {
  return Object.entries(info)
    .filter(([name]) => /^slave\d+$/.test(name))
    .slice(0, 20)
    .map(([, line = '']) => {
      const fields = new Map(line.split(',').map((part) => part.split('=', 2) as [string, string]));
      return {
        name: `${fields.get('ip')}:${fields.get('port')}`,
        state: fields.get('state') ?? 'unknown',
        lag_seconds: Number(fields.get('lag') ?? 0),
      };
    });
}

/** What has come to the slow log since the pass before: command, number of arguments, time. */
function newSlowCommands(slowlog: RespValue, window: Window): { command: string; ms: number; at: number }[] {
  if (!Array.isArray(slowlog)) return [];
  const before = Number(window.texts.get('slowlog') ?? Number.NaN);
  const entries = slowlog.flatMap((entry: RespValue) => {
    if (!Array.isArray(entry)) return [];
    const [id, at, micros, words] = entry as [number, number, number, string[]];
    const rest = Math.max(0, words.length - 1);
    const command = `${String(words[0]).slice(0, 40)} (${rest} ${rest === 1 ? 'argument' : 'arguments'})`;
    return [{ id, command, ms: micros / 1000, at: at * 1000 }];
  });
  window.texts.set('slowlog', String(Math.max(-1, before || -1, ...entries.map((one) => one.id))));
  // The first pass finds what has gathered since the server's start; what happened lately begins after it.
  return Number.isNaN(before)
    ? []
    : entries.filter((one) => one.id > before).map(({ command, ms, at }) => ({ command, ms, at }));
}

/** `cmdstat_get:calls=12,usec=34,…` */
function takeCommands(commands: RedisInfo, window: Window): ServerFacts['statements'] {
  const counts = Object.entries(commands).flatMap(([name, line = '']) => {
    const id = /^cmdstat_(.+)$/.exec(name)?.[1];
    const [calls, micros] = [/calls=(\d+)/.exec(line)?.[1], /usec=(\d+)/.exec(line)?.[1]];
    if (!id || !calls || !micros) return [];
    window.texts.set(id, id.toUpperCase().replace('|', ' '));
    return [{ id, calls: Number(calls), totalMs: Number(micros) / 1000 }];
  });
  return counts.length > 0 ? topStatements(counts, true, window)?.statements : undefined;
}
