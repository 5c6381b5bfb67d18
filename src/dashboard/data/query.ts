import { effect, type Signal, signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import type { StreamEvent } from '../../model/api.ts';
import { Failure, request } from './request.ts';
import { listen, streamState } from './stream.ts';

/** An answer that is kept up to date while somebody looks at it. */
export interface Query<T> {
  /** The newest answer; stays while a newer one is under way or could not be had. */
  readonly data: Signal<T | undefined>;
  readonly failure: Signal<Failure | undefined>;
  readonly pending: Signal<boolean>;
}

interface Options<T> {
  /** Events after which the answer is asked for again. */
  readonly on?: readonly StreamEvent['type'][];
  /** Ask again this often, ms. 0 = only on events, by hand, and every 30 s while the stream is broken. */
  readonly every?: number;
  /** Puts an event into the answer without asking; undefined = it does not change. */
  readonly patch?: (data: T, event: StreamEvent) => T | undefined;
}

interface Entry<T> extends Query<T> {
  path: () => string;
  options: Options<T>;
  users: number;
  at: number;
  timer: ReturnType<typeof setTimeout> | undefined;
  abort: AbortController | undefined;
  queue: StreamEvent[];
}

/** The seed's refresh interval: what is left when the stream is broken. */
export const pollEvery = 30_000;
/** Answers kept for the way back to a page. More are forgotten, oldest first: a page left open for a day does not grow. */
const keep = 60;
const entries = new Map<string, Entry<unknown>>();

async function load(entry: Entry<unknown>): Promise<void> {
  entry.abort?.abort();
  const abort = new AbortController();
  entry.abort = abort;
  entry.pending.value = true;
  try {
    const data = await request<unknown>(entry.path(), { signal: abort.signal });
    entry.data.value = data;
    entry.failure.value = undefined;
    entry.at = Date.now();
  } catch (error) {
    if (abort.signal.aborted) return;
    entry.failure.value = error instanceof Failure ? error : new Failure(String(error), 0);
  }
  entry.abort = undefined;
  entry.pending.value = false;
  plan(entry);
}

function plan(entry: Entry<unknown>): void {
  clearTimeout(entry.timer);
  entry.timer = undefined;
  if (entry.users === 0) return;
  const every = streamState.value === 'broken' ? Math.max(pollEvery, entry.options.every ?? 0) : entry.options.every;
  if (!every) return;
  entry.timer = setTimeout(() => (document.hidden ? undefined : load(entry)), every);
}

function forget(): void {
  for (const [key, entry] of entries) {
    if (entries.size <= keep) return;
    if (entry.users === 0) entries.delete(key);
  }
}

/** Asks again for everything on screen. Resolves when all answers are there. */
export async function refreshAll(): Promise<void> {
  await Promise.all([...entries.values()].filter((entry) => entry.users > 0).map(load));
}

/** Asks again for what begins with `prefix`, seen or not. Called after an action. */
export function invalidate(prefix: string): void {
  for (const [key, entry] of entries) {
    if (!key.startsWith(prefix)) continue;
    if (entry.users > 0) void load(entry);
    else entries.delete(key);
  }
}

/** Events come in bursts (500 checks): they are put in together, four times a second at most. */
let flushing = false;
function flush(): void {
  flushing = false;
  for (const entry of entries.values()) {
    if (entry.queue.length === 0) continue;
    const events = entry.queue.splice(0);
    let data = entry.data.value;
    let ask = false;
    for (const event of events) {
      const patched = data === undefined ? undefined : entry.options.patch?.(data, event);
      if (patched !== undefined) data = patched;
      else if (entry.options.on?.includes(event.type)) ask = true;
    }
    if (data !== entry.data.value) entry.data.value = data;
    if (ask && entry.users > 0 && Date.now() - entry.at > 1000) void load(entry);
    else if (ask) entry.timer ??= setTimeout(() => load(entry), 1000);
  }
}

listen((event) => {
  for (const entry of entries.values()) {
    if (entry.users === 0 || document.hidden) continue;
    if (event.type === 'hello' && entry.at > 0 && Date.now() - entry.at > 2000) void load(entry);
    else if (entry.options.on?.includes(event.type) || entry.options.patch) entry.queue.push(event);
  }
  if (flushing) return;
  flushing = true;
  setTimeout(flush, 250);
});

// The rhythm changes when the stream breaks or comes back, and everything is asked for when a hidden page is looked at again.
if (globalThis.document) {
  effect(() => {
    streamState.toString();
    for (const entry of entries.values()) plan(entry);
  });
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) void refreshAll();
  });
}

/**
 * Gives the answer to `path`, kept up to date. `key` names it: the same key shares one answer.
 * `path` is called at each asking, so that it may hold the present time. A null key asks nothing.
 */
export function useQuery<T>(key: string | null, path: () => string, options: Options<T> = {}): Query<T> {
  const entry = useMemo(() => {
    const known = key === null ? undefined : entries.get(key);
    if (known) return known as Entry<T>;
    const fresh: Entry<T> = {
      data: signal<T | undefined>(undefined),
      failure: signal<Failure | undefined>(undefined),
      pending: signal(false),
      path,
      options,
      users: 0,
      at: 0,
      timer: undefined,
      abort: undefined,
      queue: [],
    };
    if (key !== null) entries.set(key, fresh as Entry<unknown>);
    return fresh;
  }, [key]);
  entry.path = path;
  entry.options = options;
  useEffect(() => {
    if (key === null) return;
    const own = entry as Entry<unknown>;
    entries.set(key, own);
    own.users += 1;
    forget();
    if (own.users === 1 && !own.abort) void load(own);
    return () => {
      own.users -= 1;
      if (own.users > 0) return;
      clearTimeout(own.timer);
      own.timer = undefined;
      own.queue.length = 0;
    };
  }, [key]);
  return entry;
}
