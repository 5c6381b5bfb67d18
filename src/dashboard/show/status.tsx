import type { ComponentChildren } from 'preact';

/** Every state a thing can be in here. Told by shape, colour and word: never by colour alone. */
export type Tone = 'ok' | 'warning' | 'error' | 'unknown' | 'info';

interface Look {
  readonly tone: Tone;
  readonly word: string;
}

/** One table for all the words of the API. */
const looks: Record<string, Look> = {
  ok: { tone: 'ok', word: 'OK' },
  warning: { tone: 'warning', word: 'Warning' },
  error: { tone: 'error', word: 'Failing' },
  unknown: { tone: 'unknown', word: 'Unknown' },
  stale: { tone: 'unknown', word: 'Stale' },
  critical: { tone: 'error', word: 'Critical' },
  info: { tone: 'info', word: 'Info' },
  debug: { tone: 'info', word: 'Debug' },
  pending: { tone: 'unknown', word: 'Pending' },
  firing: { tone: 'error', word: 'Firing' },
  resolved: { tone: 'ok', word: 'Resolved' },
  running: { tone: 'info', word: 'Running' },
  paused: { tone: 'unknown', word: 'Paused' },
  stalled: { tone: 'error', word: 'Stalled' },
  done: { tone: 'ok', word: 'Done' },
  failed: { tone: 'error', word: 'Failed' },
  abandoned: { tone: 'unknown', word: 'Abandoned' },
  open: { tone: 'warning', word: 'Open' },
  regressed: { tone: 'error', word: 'Regressed' },
  ignored: { tone: 'unknown', word: 'Ignored' },
  live: { tone: 'ok', word: 'Live' },
  blocked: { tone: 'error', word: 'Blocked' },
  gone: { tone: 'unknown', word: 'Stopped' },
  lost: { tone: 'error', word: 'Lost' },
  failing: { tone: 'error', word: 'Failing' },
  unused: { tone: 'unknown', word: 'Not used yet' },
  delivered: { tone: 'ok', word: 'Delivered' },
  retry: { tone: 'warning', word: 'Retrying' },
  queued: { tone: 'info', word: 'Queued' },
  sending: { tone: 'info', word: 'Sending' },
  dead: { tone: 'error', word: 'Given up' },
  superseded: { tone: 'unknown', word: 'Superseded' },
  expired: { tone: 'unknown', word: 'Expired' },
  final: { tone: 'error', word: 'Refused' },
};

export function look(state: string): Look {
  return looks[state] ?? { tone: 'unknown', word: state };
}

/** The shape alone: disc, triangle, octagon, broken ring, diamond. Decorative: a word stands beside it or in its title. */
export function Shape({ tone, size = 12 }: { tone: Tone; size?: number }) {
  return (
    <svg class={`shape ${tone}`} width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      {tone === 'ok' && <circle cx="8" cy="8" r="5.5" />}
      {tone === 'warning' && <path d="M8 1.5 15 14H1z" stroke-linejoin="round" />}
      {tone === 'error' && <path d="M5.2 1h5.6L15 5.2v5.6L10.8 15H5.2L1 10.8V5.2z" />}
      {tone === 'unknown' && <circle class="ring" cx="8" cy="8" r="5.5" />}
      {tone === 'info' && <path d="M8 1.5 14.5 8 8 14.5 1.5 8z" />}
    </svg>
  );
}

/** Shape and word of a state. `word` says it in other words. */
export function Status({ state, word, quiet }: { state: string; word?: ComponentChildren; quiet?: boolean }) {
  const { tone, word: own } = look(state);
  return (
    <span class={`status ${tone}${quiet ? ' quiet' : ''}`}>
      <Shape tone={tone} />
      <span>{word ?? own}</span>
    </span>
  );
}

/** Shape for places too narrow for a word; the word is there for assistive technology and the pointer. */
export function Dot({ state, size }: { state: string; size?: number }) {
  const { tone, word } = look(state);
  return (
    <span class="dot" title={word}>
      <Shape tone={tone} {...(size ? { size } : {})} />
      <span class="hidden">{word}</span>
    </span>
  );
}
