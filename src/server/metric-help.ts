/** A metric of ours: what it means, its unit and kind, and its labels. */
export interface MetricInfo {
  readonly help: string;
  readonly kind: 'gauge' | 'counter' | 'summary';
  readonly labels: readonly string[];
}

const gauge = (help: string, ...labels: string[]): MetricInfo => ({ help, kind: 'gauge', labels });
const counter = (help: string, ...labels: string[]): MetricInfo => ({ help, kind: 'counter', labels });

/** Every metric of ours by name: the help text of the Prometheus page and the tables of docs/metrics.md. */
export const metrics: Readonly<Record<string, MetricInfo>> = {
  system_cpu_usage_ratio: gauge('Share of all processor time in use, 0 to 1.'),
  system_cpu_core_usage_ratio: gauge('Share of one core in use, 0 to 1.', 'core'),
  system_cpu_wait_ratio: gauge('Share of processor time that waits for disks, 0 to 1.'),
  system_cpu_steal_ratio: gauge('Share of processor time that the host gave to other machines, 0 to 1.'),
  system_memory_usage_ratio: gauge('Share of memory that cannot be taken back, 0 to 1.'),
  system_memory_total_bytes: gauge('Memory of the machine or its container.'),
  system_memory_available_bytes: gauge('Memory that programs could still get.'),
  system_swap_usage_ratio: gauge('Share of swap space in use, 0 to 1.'),
  system_disk_usage_ratio: gauge('Share of a file system in use, 0 to 1.', 'path'),
  system_disk_inodes_usage_ratio: gauge('Share of the inodes of a file system in use, 0 to 1.', 'path'),
  system_disk_free_bytes: gauge('Free space of a file system.', 'path'),
  system_disk_total_bytes: gauge('Size of a file system.', 'path'),
  system_disk_read_bytes_per_second: gauge('Bytes per second read from all disks.'),
  system_disk_write_bytes_per_second: gauge('Bytes per second written to all disks.'),
  system_network_receive_bytes_per_second: gauge('Bytes per second received on all interfaces but loopback.'),
  system_network_transmit_bytes_per_second: gauge('Bytes per second sent on all interfaces but loopback.'),
  system_network_errors_per_second: gauge('Errors and drops per second on all interfaces but loopback.'),
  system_disk_busy_ratio: gauge('Share of the time in which the busiest disk had work, 0 to 1.'),
  system_temperature_celsius: gauge('Temperature of a sensor of the machine.', 'sensor'),
  system_load1: gauge('Processes running or waiting, averaged over 1 minute.'),
  system_load5: gauge('Processes running or waiting, averaged over 5 minutes.'),
  system_load15: gauge('Processes running or waiting, averaged over 15 minutes.'),
  process_cpu_ratio: gauge('Processor time of a process; 1 is one whole core.', 'process', 'instance'),
  process_memory_rss_bytes: gauge('Resident memory of a process.', 'process', 'instance'),
  process_heap_used_bytes: gauge('JavaScript heap in use.', 'process', 'instance'),
  process_heap_total_bytes: gauge('JavaScript heap reserved.', 'process', 'instance'),
  process_heap_space_used_bytes: gauge('One space of the JavaScript heap in use.', 'process', 'instance', 'space'),
  process_open_fds: gauge('Open files and sockets of a process.', 'process', 'instance'),
  process_active_handles: gauge('Timers, sockets and requests that keep a process alive.', 'process', 'instance'),
  process_event_loop_delay_p50_seconds: gauge(
    'Event-loop delay, median since the previous sample.',
    'process',
    'instance',
  ),
  process_event_loop_delay_p99_seconds: gauge(
    'Event-loop delay, 99th percentile since the previous sample.',
    'process',
    'instance',
  ),
  process_event_loop_delay_max_seconds: gauge(
    'Longest event-loop delay since the previous sample.',
    'process',
    'instance',
  ),
  process_event_loop_utilization_ratio: gauge('Share of time the event loop was busy, 0 to 1.', 'process', 'instance'),
  process_gc_ratio: gauge('Share of time spent collecting garbage, 0 to 1.', 'process', 'instance'),
  check_up: gauge('1 while a check is ok or warns, 0 while it fails; absent while unknown.', 'check', 'component'),
  heartbeat_duration_seconds: gauge('How long the newest measured run of a job took.', 'check'),
  check_duration_seconds: gauge('How long the newest run of a check took.', 'check', 'component'),
  database_connections_used: gauge('Connections of the database server in use.', 'check'),
  database_connections_max: gauge('Connections the database server allows.', 'check'),
  database_connections_active: gauge('Connections that run a query.', 'check'),
  database_connections_idle_in_transaction: gauge('Connections that hold a transaction open and do nothing.', 'check'),
  database_sessions_blocked: gauge('Sessions that wait for a lock.', 'check'),
  database_longest_query_seconds: gauge('Age of the longest query that runs.', 'check'),
  database_cache_hit_ratio: gauge('Share of blocks found in memory, 0 to 1.', 'check'),
  database_replay_age_seconds: gauge('How far a replica is behind.', 'check'),
  database_deadlocks_total: counter('Deadlocks.', 'check'),
  database_transactions_total: counter('Transactions, committed and rolled back.', 'check'),
  database_rollbacks_total: counter('Transactions rolled back.', 'check'),
  database_commands_total: counter('Commands or statements that the server has carried out.', 'check'),
  database_slow_queries_total: counter('MySQL: queries slower than its own long_query_time.', 'check'),
  database_aborted_connects_total: counter('MySQL: failed attempts to connect.', 'check'),
  database_evicted_keys_total: counter('Redis: keys thrown away because the memory was full.', 'check'),
  database_memory_used_bytes: gauge('Redis, MongoDB: memory in use.', 'check'),
  database_size_bytes: gauge('SQLite: size of the file.', 'check'),
  database_wal_size_bytes: gauge('SQLite: size of the write-ahead log.', 'check'),
  database_monitor_statements_total: counter(
    'Statements that this monitor has sent to the server, statistics included.',
    'check',
  ),
  database_monitor_connections_total: counter('Connections that this monitor has made to the server.', 'check'),
  database_monitor_seconds_total: counter(
    'Time that this monitor has waited for the server’s answers: more than it cost the server.',
    'check',
  ),
  db_pool_connections: gauge(
    'Connections of a watched pool, all processes of the service together; `used` or `idle`.',
    'pool',
    'service',
    'state',
  ),
  db_pool_connections_max: gauge('Connections a watched pool may have.', 'pool', 'service'),
  db_pool_waiting_requests: gauge('Requests that wait for a connection of a watched pool.', 'pool', 'service'),
  db_pool_wait_seconds: {
    kind: 'summary',
    help: 'How long requests waited for a connection.',
    labels: ['pool', 'service', 'quantile'],
  },
  db_pool_hold_seconds: {
    kind: 'summary',
    help: 'How long connections were held before they were given back.',
    labels: ['pool', 'service', 'quantile'],
  },
  db_pool_errors_total: counter('Requests for a connection that failed.', 'pool', 'service'),
  db_pool_timeouts_total: counter('Requests for a connection that ran out of time.', 'pool', 'service'),
  db_pool_exhaustions_total: counter(
    'Times that a request found every connection of the pool in use.',
    'pool',
    'service',
  ),
  db_query_duration_seconds: {
    kind: 'summary',
    help: 'How long statements of one shape took; `statement` is the id of the shape.',
    labels: ['pool', 'service', 'statement', 'quantile'],
  },
  db_query_total: counter('Queries through a watched pool.', 'pool', 'service', 'statement'),
  db_query_errors_total: counter('Queries that failed.', 'pool', 'service', 'statement'),
  db_query_rows_total: counter('Rows that queries returned or changed.', 'pool', 'service', 'statement'),
  db_fallback_operations_total: counter(
    'Operations that a connection of a fallback chain served.',
    'fallback',
    'connection',
    'service',
  ),
  db_fallback_failures_total: counter(
    'Attempts on a connection of a fallback chain that failed.',
    'fallback',
    'connection',
    'service',
  ),
  db_fallback_breaker_open: gauge(
    '1 while the circuit breaker of the connection is not closed, else 0.',
    'fallback',
    'connection',
    'service',
  ),
  operation_duration_seconds: {
    kind: 'summary',
    help: 'Duration of an operation: percentiles of the last five minutes.',
    labels: ['operation', 'category', 'quantile'],
  },
  operation_total: counter('Operations counted since the monitor started.', 'operation', 'category'),
  operation_errors_total: counter('Operations that failed.', 'operation', 'category'),
  operation_items_total: counter('Items that operations processed.', 'operation', 'category'),
  operation_bytes_total: counter('Bytes that operations processed.', 'operation', 'category'),
  error_group_events_total: counter('Errors of a group since the monitor started.', 'group', 'type'),
  rule_value: gauge('The number that the function of a rule in code gave.', 'rule'),
  monitor_dropped_total: counter('Whatever the monitor could not keep, by kind.', 'what'),
  monitor_outbox_queued: gauge('Notifications that wait to be delivered.'),
  monitor_store_size_bytes: gauge('Size of the store on disk.'),
  cryoprotect_monitor_info: gauge('Always 1; the version is a label.', 'version'),
  cryoprotect_monitor_start_time_seconds: gauge('When the monitor started, epoch seconds.'),
  cryoprotect_health_status: gauge('1 while every check of the component is ok, else 0.', 'component'),
  cryoprotect_check_healthy: gauge('1 while the check is ok or warns, else 0; unknown and stale are 0.', 'check'),
  cryoprotect_alerts_firing: gauge('Alerts that fire now.', 'alert_type', 'severity', 'source'),
};

/** The help text of a metric; applications name their own. */
export function helpOf(name: string): string {
  return metrics[name]?.help ?? 'A metric of the application.';
}
