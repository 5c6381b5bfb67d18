import type { DatabaseKind } from './kind.ts';
import { mongodb } from './mongodb.ts';
import { mysql } from './mysql.ts';
import { postgres } from './postgres.ts';
import { redis } from './redis.ts';
import { sqlite } from './sqlite.ts';

/** Every kind of database that can be checked, by the name that `schemes.ts` gives to its URLs. */
export const databaseKinds: Readonly<Record<string, DatabaseKind>> = { postgres, mysql, redis, mongodb, sqlite };
