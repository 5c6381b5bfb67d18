/**
 * Runs checks against the peers given as JSON, in this process alone, and prints as JSON what each said,
 * how long it took, and by how much the memory of the process grew at most.
 */
import { endpointChecks } from '../../src/checks/endpoint-checks.ts';
import { apiMonitoringSettings } from '../../src/checks/settings.ts';
import { runOnce } from '../../src/checks/single-run.ts';
import { systemClock } from '../../src/model/clock.ts';

const urls = JSON.parse(process.argv[2] ?? '{}') as Record<string, string | object>;
const timeoutSeconds = Number(process.argv[3] ?? 0.5);

const checks = endpointChecks(
  apiMonitoringSettings.parse({
    timeout_seconds: timeoutSeconds,
    endpoints: Object.entries(urls).map(([name, url]) => ({
      name,
      ...(typeof url === 'string' ? { url, follow_redirects: true } : url),
    })),
  }),
  60,
  systemClock,
);

/** So many at a time: enough to end soon, few enough that the deadlines of one are not missed for another. */
const lanes = Number(process.argv[4] ?? 3);

const warmUpRounds = 3;

async function all() {
  const verdicts: Record<string, { status: string; reason: string; durationMs: number }> = {};
  const waiting = checks.values();
  const lane = async () => {
    for (const check of waiting) {
      const { outcome, durationMs } = await runOnce(check, systemClock);
      verdicts[check.info.name] = { status: outcome.status, reason: outcome.reason, durationMs };
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return verdicts;
}

// The first rounds load code and bring the heap to the size that the work needs: that is no growth. What grows from then on is.
const verdicts = await all();
for (let round = 1; round < warmUpRounds; round++) await all();
const before = process.memoryUsage.rss();
let most = before;
const watching = setInterval(() => {
  most = Math.max(most, process.memoryUsage.rss());
}, 5);
await all();
await all();
clearInterval(watching);
process.stdout.write(JSON.stringify({ verdicts, growthBytes: most - before }));
