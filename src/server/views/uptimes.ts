import type { CheckView } from '../../model/api.ts';
import type { CheckInfo } from '../../model/check.ts';
import type { Clock } from '../../model/clock.ts';
import type { SeriesStore } from '../../model/store.ts';
import { segmentsOfSteps, uptime } from '../../model/uptime.ts';

type UptimeView = CheckView['uptime'];
type Steps = Parameters<typeof segmentsOfSteps>[0];
/** The steps of `check_up` in each window, by check id. */
type Observed = ReadonlyMap<string, readonly Steps[]>[];

const hour = 3_600_000;
const keptMs = 60_000;
const windows = [
  { window: '24h', spanMs: 24 * hour, stepMs: 60_000 },
  { window: '7d', spanMs: 7 * 24 * hour, stepMs: hour },
  { window: '30d', spanMs: 30 * 24 * hour, stepMs: hour },
] as const;

/** Uptime of every check over three windows; the series are read for all checks at once and kept for a minute. */
export interface Uptimes {
  of(check: CheckInfo): Promise<UptimeView>;
}

/** The planned maintenance there has been for a check since a moment: it counts neither as up nor as down, nor as unobserved. */
type Planned = (id: string, from: number) => readonly { readonly from: number; readonly to: number }[];

/** Reads `check_up`: 1 = ok or warning, 0 = error, no point = not observed. */
export function createUptimes(series: SeriesStore, clock: Clock, planned: Planned = () => []): Uptimes {
  let readAt = Number.NEGATIVE_INFINITY;
  let kept: Promise<Observed> = Promise.resolve([]);
  return {
    async of(check) {
      if (clock.monotonic() - readAt > keptMs) {
        readAt = clock.monotonic();
        kept = read(series, clock.now());
        kept.catch(() => {
          readAt = Number.NEGATIVE_INFINITY;
        });
      }
      return view(check, await kept, clock.now(), planned);
    },
  };
}

async function read(series: SeriesStore, now: number): Promise<Observed> {
  return Promise.all(
    windows.map(async ({ spanMs, stepMs }) => {
      const range = { from: now - spanMs, to: now + 1, stepMs };
      const answer = await series.query({ name: 'check_up', ...range, aggregates: ['avg'], limit: 2000 });
      const byCheck = new Map<string, Steps[]>();
      for (const one of answer.series) {
        const id = one.labels['check'] ?? '';
        const steps = { at: one.at, values: one.values['avg'] ?? [], stepMs: answer.stepMs };
        byCheck.set(id, [...(byCheck.get(id) ?? []), steps]);
      }
      return byCheck;
    }),
  );
}

function view(check: CheckInfo, observed: Observed, now: number, planned: Planned): UptimeView {
  // The same as staleness: a result says something for two intervals and a timeout, and then nothing more.
  const holdMs = 2 * check.intervalMs + check.timeoutMs;
  return windows.map(({ window, spanMs }, index) => {
    const steps = observed[index]?.get(check.id) ?? [];
    const segments = steps.flatMap((one) => segmentsOfSteps(one, holdMs, now));
    const { ratio, coverageRatio } = uptime(segments, {
      from: now - spanMs,
      to: now,
      excluded: planned(check.id, now - spanMs),
    });
    return { window, ratio, coverage_ratio: coverageRatio };
  });
}
