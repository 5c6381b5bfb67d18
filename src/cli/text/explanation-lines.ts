import type { AlertView, ExplanationView, WhyNotView } from '../../model/api.ts';
import { formatDuration } from '../../model/duration.ts';
import { quantity, time } from './format.ts';
import type { Paint } from './paint.ts';
import { heading } from './section.ts';
import { plain } from './width.ts';

/** Why an alert fires, from the short form to who was told. */
export function explanationLines(paint: Paint, alert: AlertView, why: ExplanationView): string[] {
  return [
    `${paint.state(alert.severity, alert.severity.toUpperCase())} ${plain(alert.message)} (${plain(alert.id)})`,
    ...why.sentences.map((sentence) => `  ${plain(sentence)}`),
    ...section(paint, 'Figures', figureLines(why)),
    ...section(
      paint,
      'What changed before',
      why.changes.map(({ lead_ms, kind, text }) => `${lead(lead_ms)}  ${kind.padEnd(13)} ${plain(text)}`),
    ),
    ...section(
      paint,
      'What failed around it, earliest first',
      why.correlated.map(({ lead_ms, kind, text }) => `${lead(lead_ms)}  ${kind.padEnd(5)} ${plain(text)}`),
    ),
    ...section(
      paint,
      'Held back',
      why.holds.map(({ text, until_at }) => `${plain(text)}${untilText(until_at)}`),
    ),
    ...section(paint, 'Who was told', [
      ...why.told.map(
        ({ channel, event, at, state, delivered_at, together, error }) =>
          `${time(at)}  ${channel} ${event}${together ? ' (with others)' : ''}: ${state}${delivered_at === null ? '' : ` after ${formatDuration(delivered_at - at)}`}${error === null ? '' : `, ${plain(error)}`}`,
      ),
      ...why.not_told.map(({ channel, reason }) => `not ${channel}: ${plain(reason)}`),
    ]),
  ];
}

function section(paint: Paint, title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [heading(paint, title), ...lines.map((line) => `  ${line}`)];
}

function figureLines(why: ExplanationView): string[] {
  const value = why.value === null ? [] : [`now              ${quantity(why.value, why.unit)}`];
  const limit = why.threshold === null ? [] : [`limit            ${quantity(why.threshold, why.unit)}`];
  const usual = why.baseline.map(({ when, average, highest }) => {
    const words = when === 'yesterday' ? 'yesterday       ' : 'a week ago      ';
    return average === null
      ? `${words} no data`
      : `${words} ${quantity(average, why.series_unit)} on average at this hour, highest ${quantity(highest ?? average, why.series_unit)}`;
  });
  return [...value, ...limit, ...usual];
}

function lead(ms: number): string {
  const text = ms >= 0 ? `${formatDuration(ms)} before` : `${formatDuration(-ms)} after`;
  return text.padStart(16);
}

function untilText(at: number | null): string {
  return at === null ? '' : `, until ${time(at)}`;
}

/** Why nobody is told of something. */
export function whyNotLines(paint: Paint, answer: WhyNotView, now: number): string[] {
  const kind = answer.kind === 'unknown' ? '' : `${answer.kind} `;
  return [
    `${kind}${plain(answer.name)}`,
    `  ${plain(answer.verdict)}`,
    ...section(
      paint,
      'Reasons',
      answer.reasons.map(({ code, text, channel, until_at }) => {
        const left = until_at === null || until_at <= now ? '' : ` (another ${formatDuration(until_at - now)})`;
        return `${code.padEnd(18)} ${channel === null ? '' : `${channel}: `}${plain(text)}${untilText(until_at)}${left}`;
      }),
    ),
  ];
}
