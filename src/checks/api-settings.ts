import { z } from 'zod';
import { endpointName, endpointSettings } from './endpoint-settings.ts';
import { httpUrl } from './http/settings.ts';

/** Section `api_monitoring`. */
export const apiMonitoringSettings = z
  .strictObject({
    enabled: z.boolean().default(true).describe('false switches all endpoint checks off.'),
    base_url: httpUrl.optional().describe('Where the endpoints with a path are, e.g. http://localhost:5000.'),
    endpoints: z
      .array(endpointSettings)
      .default([])
      .superRefine((list, context) => {
        const seen = new Set<string>();
        for (const [index, endpoint] of list.entries()) {
          const name = endpointName(endpoint);
          if (seen.has(name)) {
            context.addIssue({
              code: 'custom',
              path: [index],
              message: `"${name}" stands here twice; give one of them another name`,
            });
          }
          seen.add(name);
        }
      })
      .describe('The endpoints to check.'),
    response_time_warning_threshold_ms: z
      .number()
      .positive()
      .default(500)
      .describe('An endpoint warns when it is slower, in ms.'),
    response_time_error_threshold_ms: z
      .number()
      .positive()
      .default(2000)
      .describe('An endpoint fails when it is slower, in ms.'),
    certificate_warning_days: z
      .number()
      .min(0)
      .default(14)
      .describe('An endpoint warns when its certificate expires in fewer days.'),
    certificate_error_days: z
      .number()
      .min(0)
      .optional()
      .describe('An endpoint fails when its certificate expires in fewer days. Default: only when it has expired.'),
    timeout_seconds: z
      .number()
      .positive()
      .max(600)
      .default(10)
      .describe('Hard total deadline of one check, DNS and body included.'),
  })
  .prefault({})
  .describe('Endpoint checks.');
export type ApiMonitoringSettings = z.output<typeof apiMonitoringSettings>;
