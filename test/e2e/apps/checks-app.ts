/** A program with checks of its own: with a monitor in it, or reporting to the one whose address is given. */
import { MonitoringService, startMonitoring } from 'cryoprotect-monitoring';

const [, , config, remote] = process.argv;
startMonitoring(undefined, remote ? { remote: { url: remote }, service: 'far' } : { config: config!, service: 'near' });
const monitor = MonitoringService.getInstance();
const often = { intervalSeconds: 0.5, timeoutSeconds: 3 };
if (remote) {
  monitor.addCheck('bridge', async () => ({ status: 'ok', reason: 'seen from afar' }), often);
} else {
  monitor.addCheck('fine', () => undefined, often);
  monitor.addCheck('no', async () => false, { ...often, component: 'database' });
  monitor.addCheck('full', () => ({ status: 'warning', reason: 'disk 91 %', seen: { disk: 91 } }), often);
  monitor.addCheck('thrown', () => Promise.reject(new Error('no leader')), often);
  monitor.addCheck('stuck', () => new Promise(() => undefined), { intervalSeconds: 0.5, timeoutSeconds: 0.4 });
  monitor.addCheck('odd', () => 42, often);
}
setInterval(() => undefined, 1000);
