import { signal } from '@preact/signals';
import type { SelfView, StreamEvent, Verdict } from '../../model/api.ts';
import { apiBase, session } from './request.ts';
import { learnServerTime } from './time.ts';

/** `live`: events arrive. `broken`: they do not, and answers are asked for every 30 s until they do. */
export type StreamState = 'connecting' | 'live' | 'broken';

export const streamState = signal<StreamState>('connecting');
/** Since when it has been so, epoch ms by our own clock. */
export const streamSince = signal(Date.now());
/** What the last tick said. */
export const pulse = signal<{ at: number; self: SelfView; verdict: Verdict; sentence: string } | null>(null);

type Listener = (event: StreamEvent) => void;
const listeners = new Set<Listener>();
const types: readonly StreamEvent['type'][] = [
  'hello',
  'tick',
  'check',
  'alert',
  'silence',
  'progress',
  'error',
  'journal',
];

/** Ticks come every 5 s; after this long without anything the line is dead, whatever the browser believes. */
const silence = 16_000;
const pauses = [1000, 2000, 5000, 10_000, 20_000];

let source: EventSource | undefined;
let watchdog: ReturnType<typeof setTimeout> | undefined;
let retry: ReturnType<typeof setTimeout> | undefined;
let failures = 0;

function become(state: StreamState): void {
  if (streamState.value === state) return;
  streamState.value = state;
  streamSince.value = Date.now();
}

function watch(): void {
  clearTimeout(watchdog);
  watchdog = setTimeout(lost, silence);
}

function lost(): void {
  source?.close();
  source = undefined;
  clearTimeout(watchdog);
  become('broken');
  const pause = pauses[Math.min(failures, pauses.length - 1)]!;
  failures += 1;
  clearTimeout(retry);
  retry = setTimeout(connect, pause * (0.8 + Math.random() * 0.4));
}

function receive(message: Event): void {
  // `error` is both: an event of ours with data, and what the browser calls a broken line.
  if (!(message instanceof MessageEvent)) {
    lost();
    return;
  }
  watch();
  failures = 0;
  become('live');
  let event: StreamEvent;
  try {
    event = { ...JSON.parse(message.data), type: message.type } as StreamEvent;
  } catch {
    return;
  }
  if (event.type === 'hello' || event.type === 'tick') learnServerTime(event.at);
  if (event.type === 'tick') pulse.value = event;
  for (const listener of listeners) listener(event);
}

/** Opens the stream, or opens it anew at once. */
export function connect(): void {
  clearTimeout(retry);
  source?.close();
  if (session.value?.login_required && !session.value.authenticated) return;
  source = new EventSource(`${apiBase}/events`);
  for (const type of types) source.addEventListener(type, receive);
  watch();
}

/** Closes the stream for good: after a logout. */
export function disconnect(): void {
  source?.close();
  source = undefined;
  clearTimeout(watchdog);
  clearTimeout(retry);
}

/** Returns the function that ends listening. */
export function listen(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

// A laptop that wakes up, or a network that comes back, need not wait for the next try.
globalThis.addEventListener?.('online', () => streamState.value === 'broken' && connect());
globalThis.document?.addEventListener('visibilitychange', () => {
  if (!document.hidden && streamState.value === 'broken') connect();
});
