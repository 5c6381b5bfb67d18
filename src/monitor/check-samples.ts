import { type CheckResult, excuseOf } from '../model/check.ts';
import type { Sample } from '../model/sample.ts';

/**
 * The numbers a result leaves behind. An inconclusive result says nothing about its target, so neither its status nor its duration
 * counts; what fails in a planned maintenance is no down time either.
 */
export function samplesOf(result: CheckResult): Sample[] {
  const { check, at, status } = result;
  // The sampler keeps the machine's figures already, and finer; the rules still read them from the result.
  const own = check.kind === 'system' ? [] : (result.samples ?? []);
  const samples: Sample[] = own.map((sample) => ({ ...sample, at }));
  if (result.gone || result.inconclusive || excuseOf(result) === 'maintenance') return samples;
  const labels = { check: check.id, component: check.component };
  if (status !== 'unknown') samples.push({ name: 'check_up', labels, at, value: status === 'error' ? 0 : 1 });
  // How long it took to look at a heartbeat says nothing about the job; its own duration is a sample of its own.
  if (check.kind === 'heartbeat') return samples;
  samples.push({ name: 'check_duration_seconds', labels, at, value: result.durationMs / 1000 });
  return samples;
}
