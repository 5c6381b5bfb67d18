/** A session that does something, or holds a transaction open. Times in seconds. */
export interface SessionRow {
  readonly pid: number;
  readonly who: string | null;
  readonly command: string | null;
  readonly state: string | null;
  readonly seconds: number;
  /** Age of its transaction; null outside one. */
  readonly transaction: number | null;
  /** How long it has been waiting for a lock; null when it does not. */
  readonly waiting: number | null;
  readonly query: string | null;
}

/** What MySQL and MariaDB are asked in one pass. Nothing of it locks. */
export const mysqlQuestions = {
  status: (names: readonly string[]) =>
    `SHOW GLOBAL STATUS WHERE Variable_name IN (${names.map((name) => `'${name}'`).join(', ')})`,

  limits: `SELECT @@GLOBAL.max_connections AS most, @@GLOBAL.read_only AS readonly, @@GLOBAL.performance_schema AS digests`,

  sessions: `
SELECT p.ID AS pid, p.USER AS who, p.COMMAND AS command, p.STATE AS state, p.TIME AS seconds, LEFT(p.INFO, 1000) AS query,
  TIMESTAMPDIFF(SECOND, t.trx_started, NOW()) AS transaction, TIMESTAMPDIFF(SECOND, t.trx_wait_started, NOW()) AS waiting
FROM information_schema.PROCESSLIST p LEFT JOIN information_schema.INNODB_TRX t ON t.trx_mysql_thread_id = p.ID
WHERE p.ID <> CONNECTION_ID() AND p.COMMAND NOT IN ('Daemon', 'Binlog Dump') AND (p.COMMAND <> 'Sleep' OR t.trx_id IS NOT NULL)
ORDER BY COALESCE(TIMESTAMPDIFF(SECOND, t.trx_started, NOW()), p.TIME) DESC LIMIT 50`,

  replica: 'SHOW REPLICA STATUS',

  digests: `
SELECT DIGEST AS id, LEFT(MAX(DIGEST_TEXT), 1000) AS text, SUM(COUNT_STAR) AS calls, SUM(SUM_TIMER_WAIT) / 1e9 AS ms
FROM performance_schema.events_statements_summary_by_digest WHERE DIGEST IS NOT NULL GROUP BY DIGEST ORDER BY ms DESC LIMIT 200`,
} as const;

/** Who waits for whom: the two servers keep it in different places. */
export function lockWaits(isMariadb: boolean): string {
  return isMariadb
    ? `SELECT r.trx_mysql_thread_id AS waiter, b.trx_mysql_thread_id AS blocker FROM information_schema.INNODB_LOCK_WAITS w
       JOIN information_schema.INNODB_TRX r ON r.trx_id = w.requesting_trx_id
       JOIN information_schema.INNODB_TRX b ON b.trx_id = w.blocking_trx_id LIMIT 50`
    : `SELECT r.PROCESSLIST_ID AS waiter, b.PROCESSLIST_ID AS blocker FROM performance_schema.data_lock_waits w
       JOIN performance_schema.threads r ON r.THREAD_ID = w.REQUESTING_THREAD_ID
       JOIN performance_schema.threads b ON b.THREAD_ID = w.BLOCKING_THREAD_ID LIMIT 50`;
}
