import { z } from 'zod';

/** Section `store`: how data is kept on the disk. */
export const storeSettings = z.strictObject({
  max_size_mb: z
    .number()
    .positive()
    .default(2048)
    .describe('Most the metrics may take on the disk, in MB; the oldest detail goes first.'),
  minute_retention_days: z
    .number()
    .positive()
    .max(3650)
    .default(90)
    .describe('Days that values by the minute are kept.'),
  hour_retention_days: z
    .number()
    .positive()
    .max(36_500)
    .default(1825)
    .describe('Days that values by the hour are kept.'),
  state_retention_days: z
    .number()
    .positive()
    .max(3650)
    .default(90)
    .describe('Days that finished records (resolved alerts, deliveries, errors, jobs, journal) are kept.'),
});
export type StoreSettings = z.output<typeof storeSettings>;
