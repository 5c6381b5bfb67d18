import { z } from 'zod';
import { severities } from '../model/severity.ts';
import { parseWindow } from './schedule.ts';

/** `schedule` of a channel. */
export const scheduleSettings = z
  .strictObject({
    timezone: z
      .string()
      .default('')
      .describe('Time zone of the windows, e.g. Europe/Berlin; empty: the zone of this machine.'),
    windows: z
      .array(z.string())
      .min(1)
      .describe('When it is open: `mon-fri 08:00-18:00`, `sat,sun 10:00-14:00`, `22:00-06:00` (every day).'),
    always_from: z
      .enum(severities)
      .optional()
      .describe('Alerts of this severity and worse leave at any time. Without it none does.'),
  })
  .superRefine(({ timezone, windows }, context) => {
    if (timezone !== '' && !isTimeZone(timezone)) {
      context.addIssue({ code: 'custom', path: ['timezone'], message: 'must be a time zone such as Europe/Berlin' });
    }
    for (const [index, window] of windows.entries()) {
      if (parseWindow(window)) continue;
      context.addIssue({
        code: 'custom',
        path: ['windows', index],
        message: 'must be days and times, e.g. `mon-fri 08:00-18:00`, `sat,sun 10:00-14:00` or `22:00-06:00`',
      });
    }
  });

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
