import { z } from 'zod';

/** Section `store`: how numbers over time are kept on the disk. */
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
  state_retention_days: z
    .number()
    .positive()
    .max(3650)
    .default(90)
    .describe('Days that finished records (resolved alerts, deliveries, errors, jobs, journal) are kept.'),
  hour_retention_days: z
    .number()
    .positive()
    .max(36_500)
    .default(1825)
    .describe('Days that values by the hour are kept.'),
  precision_digits: z
    .number()
    .int()
    .min(3)
    .max(17)
    .default(17)
    .describe(
      'Significant digits kept of each value on the disk; 17 keeps every bit, 12 saves about a tenth of the space.',
    ),
  max_series: z
    .number()
    .int()
    .min(100)
    .max(1_000_000)
    .default(50_000)
    .describe('Most series that may be active at a time; further ones are folded into the value "other".'),
  max_series_per_metric: z
    .number()
    .int()
    .min(10)
    .max(1_000_000)
    .default(10_000)
    .describe('Most series of one metric; further ones are folded into the value "other".'),
  max_values_per_label: z
    .number()
    .int()
    .min(2)
    .max(1_000_000)
    .default(10_000)
    .describe('Most different values of one label of one metric; further ones are folded into the value "other".'),
});
export type StoreSettings = z.output<typeof storeSettings>;
