import type { HeartbeatView } from '../../model/api.ts';
import { formatDuration } from '../../model/duration.ts';
import type { CliCommand } from '../command.ts';
import type { Paint } from '../text/paint.ts';
import { table } from '../text/table.ts';
import { plain } from '../text/width.ts';

const bad = new Set<HeartbeatView['phase']>(['late', 'failed', 'overrun']);

const columns = [
  { title: 'HEARTBEAT', flexible: true },
  { title: 'STATE' },
  { title: 'SCHEDULE', flexible: true },
  { title: 'LAST SEEN' },
  { title: 'NEXT' },
  { title: 'TOOK', align: 'right' as const },
  { title: 'WHY', flexible: true },
];

/** `cryomon heartbeats`: jobs that must report, and how they stand. */
export const heartbeatsCommand: CliCommand = {
  register(program, context) {
    program
      .command('heartbeats')
      .description('show the jobs that must report')
      .option('--check', 'exit with 1 when a job is late, failed or takes too long')
      .action(async ({ check = false }: { check?: boolean }) => {
        const client = await context.connect();
        const { heartbeats } = await client.call<{ heartbeats: HeartbeatView[] }>('heartbeats');
        const { io, paint, print } = context;
        if (context.options().json) context.json({ heartbeats });
        else if (heartbeats.length === 0) print('No job has to report: heartbeats[] of the configuration is empty.');
        else {
          const rows = heartbeats.map((one) => rowOf(one, paint, io.now()));
          print(table(columns, rows, io.width, paint.faint).trimEnd());
        }
        if (check && heartbeats.some((one) => bad.has(one.phase))) context.exitWith(1);
      });
  },
};

function rowOf(one: HeartbeatView, paint: Paint, now: number): string[] {
  const when = (at: number | null, ago: boolean) => {
    if (at === null) return '-';
    const ms = ago ? now - at : at - now;
    return ago ? `${formatDuration(Math.max(0, ms))} ago` : ms < 0 ? 'overdue' : `in ${formatDuration(ms)}`;
  };
  return [
    plain(one.name),
    paint.state(bad.has(one.phase) ? 'error' : one.phase, one.phase),
    plain(one.schedule),
    when(one.last_seen_at, true),
    when(one.expected_at, false),
    one.last_duration_ms === null ? '-' : formatDuration(one.last_duration_ms),
    plain(one.reason),
  ];
}
