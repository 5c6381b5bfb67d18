/** What alerts cost and how quickly they are told. Each part is a file in `bench/alerts/`. */
import { faultFigures } from './alerts/fault-to-delivery.ts';
import { rulesFigures } from './alerts/rules.ts';

export const title = 'evaluation of 10,000 rules; fault to delivery, beside Prometheus and Alertmanager';

export async function run(): Promise<Record<string, number>> {
  return { ...(await rulesFigures()), ...(await faultFigures()) };
}
