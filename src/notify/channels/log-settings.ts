import type { z } from 'zod';
import { channelSettings } from '../common-settings.ts';

/** `notifications.log`. */
export const logSettings = channelSettings('log', {}, { enabled: true, minSeverity: 'info' });
export type LogSettings = z.output<typeof logSettings.section>;
