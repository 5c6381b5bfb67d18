import type { ProgressView } from '../../model/api.ts';
import { bar } from './bar.ts';
import { ago, number, percent, seconds, time } from './format.ts';
import type { Paint } from './paint.ts';
import { pairs } from './section.ts';
import { plain } from './width.ts';

/** A job in a few lines with its bar, as the predecessor's `progress` shows them. */
export function progressLines(paint: Paint, run: ProgressView, now: number, verbose: boolean): string[] {
  const failures = run.processed_items > 0 ? run.failed_items / run.processed_items : 0;
  const colour =
    failures > 0.2 ? paint.bad : failures > 0.05 ? paint.warning : failures > 0 ? paint.notice : paint.good;
  const total =
    run.total_items > 0
      ? `${number(run.processed_items)}/${number(run.total_items)} (${percent(run.ratio)})`
      : `${number(run.processed_items)} items, total unknown`;
  const live = run.state === 'running' || run.state === 'stalled';
  const entries: [string, string][] = [
    [
      'Results',
      `${number(run.successful_items)} ok, ${number(run.failed_items)} failed${run.skipped_items > 0 ? `, ${number(run.skipped_items)} skipped` : ''}${successOf(run)}`,
    ],
    ['Speed', run.items_per_second === null ? 'not known yet' : `${number(run.items_per_second)} items/s`],
  ];
  if (live)
    entries.push(
      ['Remaining', remaining(run)],
      ['ETA', run.completes_at === null ? 'not known yet' : time(run.completes_at)],
    );
  if (run.ended_at !== null) entries.push(['Ended', time(run.ended_at)]);
  if (run.message !== '') entries.push(['Message', plain(run.message)]);
  // A number that nobody refreshed for a while says so.
  if (live && now - run.updated_at > 30_000) entries.push(['Last news', paint.warning(ago(run.updated_at, now))]);
  if (verbose) {
    entries.push(
      ['Elapsed', seconds(run.elapsed_seconds)],
      ['Started', time(run.started_at)],
      ['Instance', plain(run.instance)],
    );
    if (run.average_batch_seconds !== null) {
      entries.push([
        'Batch average',
        `${number(run.average_batch_items)} items in ${seconds(run.average_batch_seconds)}, ${number(run.batches)} batches`,
      ]);
    }
    if (run.restored_items > 0) entries.push(['Restored', `${number(run.restored_items)} items from a checkpoint`]);
    if (run.checkpoint_file !== null)
      entries.push(['Checkpoint', `${plain(run.checkpoint_file)}, ${ago(run.checkpoint_at, now)}`]);
  }
  return [
    `${paint.title(plain(run.name))}  ${total}  ${paint.state(run.state)}`,
    `  ${colour(bar(run.ratio))}`,
    ...pairs(entries),
  ];
}

function successOf(run: ProgressView): string {
  const judged = run.successful_items + run.failed_items;
  return judged > 0 ? ` (${percent(run.successful_items / judged)} success)` : '';
}

/** The likely time with its range, when the range says more. */
function remaining(run: ProgressView): string {
  if (run.remaining_seconds === null) return 'not known yet';
  const { low, likely, high } = run.remaining_seconds;
  const text = seconds(likely);
  return high > low * 1.1 && high - low > 5 ? `${text} (${seconds(low)} to ${seconds(high)})` : text;
}
