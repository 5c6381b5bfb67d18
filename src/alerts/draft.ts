import type { Episode, Silence, Transition } from '../model/alert.ts';
import type { MonitorEvent } from '../model/event.ts';
import type { JournalEntry } from '../model/journal.ts';
import type { OutboxEntry } from '../model/notification.ts';
import type { Change, Collections } from '../model/store.ts';
import type { Book } from './book.ts';
import { waitingHold } from './waiting.ts';

type Memory = Collections['memory'];

/** What a draft is written on: the book, or another draft. */
export interface Base {
  open(fingerprint: string): Episode | undefined;
  allOpen(): Episode[];
  /** The open episodes that wait for a summary. */
  waiting(): Episode[];
  silences(): Silence[];
  memory(id: string): Memory | undefined;
  /** Ids of the memories that begin with this. */
  memories(prefix: string): string[];
}

/**
 * A transaction being written: reads see its own writes over the base, the book itself changes only with `applyTo`.
 * So a step that fails half-way leaves no half-made decision behind.
 */
export interface Draft extends Base {
  putEpisode(episode: Episode): void;
  /** Stores an episode that is over without touching the open one of the same problem. */
  keepEpisode(episode: Episode): void;
  /** Takes newer figures of an open episode into the book without storing them. */
  refresh(episode: Episode): void;
  /** Takes an episode that never fired out of the store, as if it had not been. */
  forget(episode: Episode): void;
  putSilence(silence: Silence): void;
  /** Stores a silence that is over; it is no longer looked at. */
  endSilence(silence: Silence): void;
  putMemory(record: Memory): void;
  removeMemory(id: string): void;
  record(episode: Episode, transition: Transition): void;
  owe(entries: readonly OutboxEntry[]): void;
  journal(entry: JournalEntry): void;
  emit(event: MonitorEvent): void;
  readonly written: Written;
}

/** What a draft holds. An undefined value means: no longer in the book. */
export interface Written {
  readonly episodes: Map<string, Episode | undefined>;
  readonly silences: Map<string, Silence | undefined>;
  readonly memory: Map<string, Memory | undefined>;
  /** By collection and id, so that a record is written once however often it changed. */
  readonly changes: Map<string, Change>;
  readonly events: MonitorEvent[];
  readonly entries: OutboxEntry[];
}

/** The book as something to write a draft on. */
export function baseOf(book: Book): Base {
  return {
    open: (fingerprint) => book.open.get(fingerprint),
    allOpen: () => [...book.open.values()],
    waiting: () => [...book.waiting].flatMap((fingerprint) => book.open.get(fingerprint) ?? []),
    silences: () => [...book.silences.values()],
    memory: (id) => book.memory.get(id),
    memories: (prefix) => [...book.memory.keys()].filter((id) => id.startsWith(prefix)),
  };
}

/** Starts a draft. */
export function createDraft(base: Base): Draft {
  const written: Written = {
    episodes: new Map(),
    silences: new Map(),
    memory: new Map(),
    changes: new Map(),
    events: [],
    entries: [],
  };
  const put = (change: Change) => void written.changes.set(keyOf(change), change);
  return {
    open: (fingerprint) =>
      written.episodes.has(fingerprint) ? written.episodes.get(fingerprint) : base.open(fingerprint),
    allOpen: () => overlay(base.allOpen(), written.episodes, (episode) => episode.fingerprint),
    waiting: () =>
      overlay(base.waiting(), written.episodes, (episode) => episode.fingerprint).filter(
        (episode) => waitingHold(episode) !== undefined,
      ),
    silences: () => overlay(base.silences(), written.silences, (silence) => silence.id),
    memory: (id) => (written.memory.has(id) ? written.memory.get(id) : base.memory(id)),
    memories(prefix) {
      const own = [...written.memory].filter(([id, record]) => record && id.startsWith(prefix)).map(([id]) => id);
      return [...base.memories(prefix).filter((id) => !written.memory.has(id)), ...own];
    },
    putEpisode(episode) {
      written.episodes.set(episode.fingerprint, episode.state === 'resolved' ? undefined : episode);
      put({ in: 'episodes', put: episode });
    },
    keepEpisode(episode) {
      put({ in: 'episodes', put: episode });
    },
    refresh(episode) {
      written.episodes.set(episode.fingerprint, episode);
      // What is stored in this transaction anyway is stored as it is in the end.
      const key = `episodes:${episode.id}`;
      if (written.changes.has(key)) written.changes.set(key, { in: 'episodes', put: episode });
    },
    forget(episode) {
      written.episodes.set(episode.fingerprint, undefined);
      put({ in: 'episodes', remove: episode.id });
    },
    putSilence(silence) {
      written.silences.set(silence.id, silence);
      put({ in: 'silences', put: silence });
    },
    endSilence(silence) {
      written.silences.set(silence.id, undefined);
      put({ in: 'silences', put: silence });
    },
    putMemory(record) {
      written.memory.set(record.id, record);
      put({ in: 'memory', put: record });
    },
    removeMemory(id) {
      written.memory.set(id, undefined);
      put({ in: 'memory', remove: id });
    },
    record(episode, transition) {
      put({ in: 'transitions', put: transition });
      written.events.push({ type: 'alert', episode, transition });
    },
    owe(entries) {
      written.entries.push(...entries);
      for (const entry of entries) put({ in: 'outbox', put: entry });
    },
    journal(entry) {
      put({ in: 'journal', put: entry });
      written.events.push({ type: 'journal', entry });
    },
    emit: (event) => void written.events.push(event),
    written,
  };
}

function overlay<T>(base: readonly T[], own: ReadonlyMap<string, T | undefined>, keyFor: (item: T) => string): T[] {
  const rest = base.filter((item) => !own.has(keyFor(item)));
  return [...rest, ...[...own.values()].filter((item) => item !== undefined)];
}

function keyOf(change: Change): string {
  return `${change.in}:${'remove' in change ? change.remove : change.put.id}`;
}

/** Adds what `inner` has written to `outer`, on top of which it was made. */
export function absorb(outer: Written, inner: Written): void {
  for (const [key, episode] of inner.episodes) outer.episodes.set(key, episode);
  for (const [key, silence] of inner.silences) outer.silences.set(key, silence);
  for (const [key, record] of inner.memory) outer.memory.set(key, record);
  for (const [key, change] of inner.changes) outer.changes.set(key, change);
  outer.events.push(...inner.events);
  outer.entries.push(...inner.entries);
}

/** Makes what was written true in the book. */
export function applyTo(book: Book, written: Written): void {
  replace(book.open, written.episodes);
  for (const [fingerprint, episode] of written.episodes) {
    if (episode && waitingHold(episode)) book.waiting.add(fingerprint);
    else book.waiting.delete(fingerprint);
  }
  replace(book.silences, written.silences);
  replace(book.memory, written.memory);
}

function replace<T>(target: Map<string, T>, changes: ReadonlyMap<string, T | undefined>): void {
  for (const [key, value] of changes) {
    if (value === undefined) target.delete(key);
    else target.set(key, value);
  }
}
