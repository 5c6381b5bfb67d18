import { expect, test } from 'vitest';
import type { PoolSnapshot } from './pool.ts';
import { poolVerdict } from './pool-verdict.ts';

const limits = { waitMs: 1000, holdMs: 30_000 };
const holder = (site: string, count: number, longestMs = 8200) => ({
  site,
  count,
  longestMs,
  statement: null,
  stack: '',
});
const quiet: PoolSnapshot = {
  at: 0,
  used: 0,
  idle: 2,
  waiting: 0,
  max: 10,
  longestWaitMs: null,
  shortestWaitMs: null,
  longestHoldMs: null,
  shortestHoldMs: null,
  holders: [],
};
const full: Partial<PoolSnapshot> = { used: 10, idle: 0, waiting: 3, longestWaitMs: 2400, shortestWaitMs: 2100 };

test.each<[Partial<PoolSnapshot>, string, string]>([
  [{}, 'ok', '0 of 10 in use, none waiting'],
  [{ used: 3, max: null }, 'ok', '3 in use, none waiting'],
  [
    { ...full, longestHoldMs: 8200, shortestHoldMs: 5100, holders: [holder('src/reports.ts:88', 10)] },
    'error',
    'all 10 connections held > 5 s by src/reports.ts:88; 3 waiting since 2.1 s, longest 2.4 s',
  ],
  [
    {
      ...full,
      longestHoldMs: 8200,
      shortestHoldMs: 20,
      holders: [holder('src/reports.ts:88', 7), holder('src/api.ts:12', 3, 50)],
    },
    'error',
    'all 10 connections in use, 7 by src/reports.ts:88 (longest 8.2 s); 3 waiting since 2.1 s, longest 2.4 s',
  ],
  [
    { ...full, waiting: 1, longestWaitMs: 300, shortestWaitMs: 300, longestHoldMs: 400, shortestHoldMs: 20 },
    'warning',
    'all 10 connections in use (longest 400 ms); 1 waiting since 300 ms',
  ],
  [
    {
      used: 1,
      max: 1,
      waiting: 1,
      longestWaitMs: 2000,
      shortestWaitMs: 2000,
      longestHoldMs: 5500,
      shortestHoldMs: 5500,
      holders: [holder('a.ts:1', 1)],
    },
    'error',
    'the only connection held > 5 s by a.ts:1; 1 waiting since 2 s',
  ],
  [
    { waiting: 2, max: null, longestWaitMs: 1500, shortestWaitMs: 100 },
    'warning',
    '2 waiting since 100 ms, longest 1.5 s',
  ],
  [
    { used: 2, longestHoldMs: 95_000, shortestHoldMs: 10, holders: [holder('src/leak.ts:5', 1, 95_000)] },
    'warning',
    'a connection is held for 1 m 35 s by src/leak.ts:5',
  ],
])('says of %j that it is %s: %s', (change, level, text) => {
  expect(poolVerdict({ ...quiet, ...change }, limits)).toEqual({ level, text });
});
