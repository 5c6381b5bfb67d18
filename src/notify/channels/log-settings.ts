import { z } from 'zod';
import { commonSettings } from '../common-settings.ts';

/** `notifications.log`: on by default, so that an alert is always told somewhere. */
export const logSettings = z.strictObject(commonSettings(true, 'info'));
