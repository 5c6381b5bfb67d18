import type { CheckResult } from '../model/check.ts';
import type { Sample } from '../model/sample.ts';

/**
 * The series of a result: `check_up` (1 for ok and warning, 0 for error), `check_duration_seconds`, and the check's own.
 * An inconclusive or unknown result leaves no `check_up`: a gap in what was observed, not a failure.
 * The system check's own samples are left out, because the sampler writes those series finer.
 */
export function resultSamples(result: CheckResult): Sample[] {
  const { check, at, status, durationMs } = result;
  const labels = { check: check.id, component: check.component };
  const samples: Sample[] = [];
  if (status !== 'unknown' && !result.inconclusive) {
    samples.push({ name: 'check_up', labels, at, value: status === 'error' ? 0 : 1 });
    samples.push({ name: 'check_duration_seconds', labels, at, value: durationMs / 1000 });
  }
  if (check.kind !== 'system') for (const sample of result.samples ?? []) samples.push({ ...sample, at });
  return samples;
}
