import type { CheckView } from '../../model/api.ts';
import { ago, milliseconds, percent } from './format.ts';
import type { Paint } from './paint.ts';
import { table } from './table.ts';
import { plain } from './width.ts';

/** True when a check's last result is older than it may be. */
export function isOld(check: CheckView, now: number): boolean {
  if (check.status === 'stale') return true;
  return check.last_at !== null && now - check.last_at > (2 * check.interval_seconds + check.timeout_seconds) * 1000;
}

/** Checks as a table: status, name, time, when, why. */
export function checkTable(paint: Paint, checks: readonly CheckView[], now: number, width: number): string {
  const uptime = (check: CheckView) => check.uptime.find((each) => each.window === '24h')?.ratio;
  return table(
    [
      { title: 'STATUS' },
      { title: 'CHECK' },
      { title: 'TIME', align: 'right' },
      { title: 'LAST' },
      { title: '24 H', align: 'right' },
      { title: 'WHY', flexible: true },
    ],
    checks.map((check) => [
      paint.state(check.status, check.status.toUpperCase()),
      `${plain(check.name)}${check.active ? ' *' : ''}`,
      milliseconds(check.duration_ms),
      isOld(check, now) ? paint.warning(`${ago(check.last_at, now)} (old)`) : ago(check.last_at, now),
      percent(uptime(check)),
      plain(check.reason),
    ]),
    width,
    paint.faint,
  );
}
