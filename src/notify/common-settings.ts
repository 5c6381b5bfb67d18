import { z } from 'zod';
import { severities } from '../model/severity.ts';

/** The keys that every channel has. `enabled` is off unless the channel says otherwise. */
export const commonSettings = (enabled = false, minSeverity: (typeof severities)[number] = 'warning') => ({
  enabled: z.boolean().default(enabled).describe('Whether this channel is used.'),
  min_severity: z.enum(severities).default(minSeverity).describe('Alerts milder than this are not told here.'),
  throttle_seconds: z
    .number()
    .min(0)
    .max(604_800)
    .default(300)
    .describe('The same alert begins at most once in this time; escalations and ends always pass.'),
  include_context: z.boolean().default(true).describe('Whether the context of the alert is sent along.'),
});

/** Says of an enabled channel which of the keys it cannot do without are empty. */
export function needs<T extends { readonly enabled: boolean }>(...keys: readonly (keyof T & string)[]) {
  return (value: T, context: z.RefinementCtx<T>): void => {
    if (!value.enabled) return;
    for (const key of keys) {
      const given = value[key];
      const empty = given === '' || (Array.isArray(given) && given.length === 0);
      if (empty) context.addIssue({ code: 'custom', path: [key], message: `is needed while this channel is enabled` });
    }
  };
}
