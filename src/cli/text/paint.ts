import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Colours for what is said; without colours the words alone carry the meaning. */
export interface Paint {
  title(text: string): string;
  faint(text: string): string;
  good(text: string): string;
  notice(text: string): string;
  warning(text: string): string;
  bad(text: string): string;
  /** By the word for how bad something is: a verdict, a status, a state or a severity. */
  state(word: string, text?: string): string;
}

const styles: Readonly<Record<string, Style>> = {
  ok: 'green',
  done: 'green',
  resolved: 'green',
  delivered: 'green',
  live: 'green',
  running: 'blue',
  info: 'blue',
  open: 'yellow',
  pending: 'yellow',
  warning: 'yellow',
  stale: 'yellow',
  unknown: 'yellow',
  paused: 'yellow',
  stalled: 'yellow',
  abandoned: 'yellow',
  blocked: 'red',
  regressed: 'red',
  firing: 'red',
  error: 'red',
  failed: 'red',
  lost: 'red',
  critical: ['bold', 'red'],
};

export function paint(colour: boolean): Paint {
  const apply = (style: Style, text: string) => (colour ? styleText(style, text, { validateStream: false }) : text);
  return {
    title: (text) => apply('bold', text),
    faint: (text) => apply('gray', text),
    good: (text) => apply('green', text),
    notice: (text) => apply('blue', text),
    warning: (text) => apply('yellow', text),
    bad: (text) => apply('red', text),
    state: (word, text = word) => apply(styles[word] ?? 'reset', text),
  };
}

/** Green below 70 %, yellow below 90 %, red from there on. */
export function loadColour(paints: Paint, ratio: number | null, text: string): string {
  if (ratio === null) return paints.faint(text);
  return ratio < 0.7 ? paints.good(text) : ratio < 0.9 ? paints.warning(text) : paints.bad(text);
}
