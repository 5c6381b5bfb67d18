/** What alerts cost and how quickly they are told. Each part is a file in `bench/alerts/`. */
import { faultFigures } from './alerts/fault-to-delivery.ts';

export const title = 'fault to delivery, beside Prometheus and Alertmanager';

export async function run(): Promise<Record<string, number>> {
  return { ...(await faultFigures()) };
}
