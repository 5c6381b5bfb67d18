/** Door of the room: the channels, made from the settings, and the delivery of messages through them. */
export { createDelivery, type Delivery, type DeliveryOptions } from './delivery.ts';
export type { NotifierParts } from './notifier-parts.ts';
export { createNotifiers } from './registry.ts';
export { type NotificationsSettings, notificationsSettings } from './settings.ts';
