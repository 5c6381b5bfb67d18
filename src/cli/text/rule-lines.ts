import type { RulePreviewView } from '../../model/api.ts';
import { formatDuration } from '../../model/duration.ts';
import { time } from './format.ts';
import type { Paint } from './paint.ts';
import { plain } from './width.ts';

/** Alerts of a preview that are listed for people. */
const mostListed = 20;

/** What a rule would have done, for people. */
export function previewLines(paint: Paint, preview: RulePreviewView): string[] {
  const { rule, episodes, from, to, overflow } = preview;
  const count = episodes.length + overflow;
  const times = count === 0 ? 'not have fired' : `have fired ${count} ${count === 1 ? 'time' : 'times'}`;
  const passed =
    preview.passed_over === 0
      ? []
      : [paint.faint(`  ${preview.passed_over} more times it was bad, but not for long enough`)];
  const listed = episodes.slice(-mostListed);
  return [
    `${paint.title(plain(rule.id))} would ${times} in the last ${formatDuration(to - from)}`,
    paint.faint(`  ${plain(rule.condition)}`),
    ...(episodes.length > listed.length ? [paint.faint(`  the last ${listed.length}:`)] : []),
    ...listed.map((each) => `  ${episodeLine(paint, each)}`),
    ...passed,
    ...preview.notes.map((note) => paint.faint(`  ${plain(note)}`)),
  ];
}

function episodeLine(paint: Paint, each: RulePreviewView['episodes'][number]): string {
  const labels = Object.entries(each.labels).map(([name, value]) => `${name}=${value}`);
  const lasted = each.resolved_at === null ? 'still' : `for ${formatDuration(each.resolved_at - each.fired_at)}`;
  const peak = each.peak === null ? '' : `, peak ${Number(each.peak.toPrecision(4))}`;
  return `${time(each.fired_at)}  ${paint.state(each.severity)}  ${lasted}${peak}${labels.length === 0 ? '' : `  ${plain(labels.join(' '))}`}`;
}
