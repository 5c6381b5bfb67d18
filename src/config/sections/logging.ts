import { z } from 'zod';

const names = ['TRACE', 'DEBUG', 'INFO', 'WARNING', 'WARN', 'ERROR', 'CRITICAL', 'FATAL'] as const;
const lowerNames = ['trace', 'debug', 'info', 'warning', 'warn', 'error', 'critical', 'fatal'] as const;

/** Section `logging`: what the monitor says about itself, and where. */
export const loggingSettings = z.strictObject({
  level: z
    .enum([...names, ...lowerNames])
    .default('INFO')
    .describe('Mildest messages to keep.'),
  file: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('File to log to besides the console; null for none. It is rotated as <file>.1, <file>.2 …'),
  max_size_mb: z
    .number()
    .positive()
    .max(10_000)
    .default(10)
    .describe('The log file is rotated when it reaches this size, in MB.'),
  backup_count: z.int().min(0).max(1000).default(5).describe('Rotated files to keep; 0 never rotates.'),
  format: z
    .string()
    .min(1)
    .default('auto')
    .describe(
      'auto (text on a terminal, JSON otherwise), text, json, or a line in Python’s form with %(asctime)s, %(name)s, %(levelname)s, %(message)s, %(process)d.',
    ),
});
export type LoggingSettings = z.output<typeof loggingSettings>;
