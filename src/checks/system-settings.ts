import { z } from 'zod';

const percent = (level: string, what: string, fallback: number) =>
  z.number().min(0).max(100).default(fallback).describe(`${what} above this percentage is ${level}.`);

/** Section `system_monitoring`. */
export const systemMonitoringSettings = z
  .strictObject({
    enabled: z.boolean().default(true).describe('false switches the system check and its samples off.'),
    monitor_cpu: z.boolean().default(true).describe('Watch CPU and load.'),
    monitor_memory: z.boolean().default(true).describe('Watch memory and swap.'),
    monitor_disk: z.boolean().default(true).describe('Watch disk space, inodes and disk traffic.'),
    monitor_network: z.boolean().default(true).describe('Watch network traffic.'),
    storage_path: z
      .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
      .default('/')
      .describe('Path, or list of paths, whose file systems are watched.'),
    cpu_warning_threshold: percent('a warning', 'CPU use', 80),
    cpu_error_threshold: percent('an error', 'CPU use', 90),
    memory_warning_threshold: percent('a warning', 'Memory use', 80),
    memory_error_threshold: percent('an error', 'Memory use', 90),
    disk_warning_threshold: percent('a warning', 'Disk use', 80),
    disk_error_threshold: percent('an error', 'Disk use', 90),
    sample_interval_seconds: z
      .number()
      .min(0.5)
      .max(3600)
      .default(5)
      .describe(
        'Seconds between two samples of the charts. The verdict has its own clock: monitoring.health_check_intervals.system.',
      ),
    event_loop_blocked_seconds: z
      .number()
      .positive()
      .default(5)
      .describe('An application whose event loop is silent longer than this is blocked: an error.'),
    timeout_seconds: z
      .number()
      .positive()
      .max(600)
      .default(10)
      .describe('Hard deadline of one system check; a hanging network disk cannot hold it up.'),
  })
  .prefault({})
  .describe('Checks of the machine and of the applications’ event loops.');
export type SystemMonitoringSettings = z.output<typeof systemMonitoringSettings>;

/** The watched paths as a list. */
export function storagePaths(settings: Pick<SystemMonitoringSettings, 'storage_path'>): readonly string[] {
  return typeof settings.storage_path === 'string' ? [settings.storage_path] : [...new Set(settings.storage_path)];
}
