import type { PoolDriver } from './driver.ts';
import { genericDriver } from './drivers/generic.ts';
import { ioredisDriver } from './drivers/ioredis.ts';
import { mongodbDriver } from './drivers/mongodb.ts';
import { mysql2Driver } from './drivers/mysql2.ts';
import { nodeRedisDriver, nodeRedisPoolDriver } from './drivers/node-redis.ts';
import { pgDriver } from './drivers/pg.ts';

/** Every driver whose pools are known; the first that recognises one gets it. */
export const drivers: readonly PoolDriver[] = [
  pgDriver,
  mysql2Driver,
  ioredisDriver,
  nodeRedisPoolDriver,
  nodeRedisDriver,
  mongodbDriver,
  genericDriver,
];
