import type { Clock } from '../model/clock.ts';
import type { ErrorEvent, ErrorGroup, ErrorOccurrence } from '../model/error.ts';
import type { Emit } from '../model/event.ts';
import { type Fingerprint, fingerprint } from '../model/fingerprint.ts';
import type { JournalEntry } from '../model/journal.ts';
import type { StateStore } from '../model/store.ts';
import type { PendingChanges } from './pending.ts';

/** Examples kept of each group. */
const mostOccurrences = 25;
/** New examples of one group in a minute; the count goes on. */
const mostOccurrencesAMinute = 10;
/** New groups in a minute: a message that hides its variable part well must not fill the disk. */
const mostGroupsAMinute = 120;
const mostCached = 2000;

interface Cached {
  group: ErrorGroup;
  /** Oldest first. */
  readonly kept: ErrorOccurrence[];
  minute: number;
  inMinute: number;
}

export interface ErrorGroupsOptions {
  readonly state: StateStore;
  readonly pending: PendingChanges;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly journal: (entry: Omit<JournalEntry, 'id' | 'at'>) => void;
  readonly onLoss: (kind: string, amount: number) => void;
  /** Hears how many events of a group came, for its series. */
  readonly onEvents: (group: ErrorGroup, events: number) => void;
}

/** Puts errors into groups and keeps a few different examples of each. Counts are exact, examples are not. */
export class ErrorGroups {
  readonly #options: ErrorGroupsOptions;
  readonly #cache = new Map<string, Cached>();
  #minute = 0;
  #newInMinute = 0;

  constructor(options: ErrorGroupsOptions) {
    this.#options = options;
  }

  async add(event: ErrorEvent): Promise<void> {
    const { clock, emit } = this.#options;
    const minute = Math.floor(clock.now() / 60_000);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#newInMinute = 0;
    }
    const found = await this.#find(fingerprint(event), event);
    const { cached, isNew } = found;
    const before = cached.group;
    const back = before.state === 'resolved' && event.at > before.lastSeenAt;
    cached.group = {
      ...before,
      state: back ? 'regressed' : before.state,
      lastSeenAt: Math.max(before.lastSeenAt, event.at),
      count: before.count + (isNew ? 0 : event.count),
      ...(event.release ? { release: event.release } : {}),
    };
    this.#options.pending.put('error_groups', cached.group);
    this.#keepExample(cached, event, minute);
    if (isNew) this.#tell('warning', `New error: ${cached.group.type}: ${cached.group.title}`, cached.group, 'new');
    else if (back)
      this.#tell(
        'error',
        `An error that was resolved came back: ${cached.group.type}: ${cached.group.title}`,
        cached.group,
        'regressed',
      );
    this.#options.onEvents(cached.group, event.count);
    emit({
      type: 'error',
      group: cached.group,
      what: isNew ? 'new' : back ? 'regressed' : 'seen',
      events: event.count,
    });
  }

  /**
   * Sets what people say of a group; undefined for an unknown one. The groups are changed here and nowhere else, so that an error that
   * comes at the same moment sees it, and one that was resolved is noticed when it comes back.
   */
  async setState(id: string, state: ErrorGroup['state'], by: string): Promise<ErrorGroup | undefined> {
    const cached = await this.#load(id);
    if (!cached) return undefined;
    const before = cached.group.state;
    if (before === state) return cached.group;
    cached.group = { ...cached.group, state };
    this.#options.pending.put('error_groups', cached.group);
    this.#tell(
      'info',
      `${by} set the error ${cached.group.type}: ${cached.group.title} from ${before} to ${state}`,
      cached.group,
    );
    this.#options.emit({ type: 'error', group: cached.group, what: 'state', events: 0 });
    return cached.group;
  }

  async #find(print: Fingerprint, event: ErrorEvent): Promise<{ cached: Cached; isNew: boolean }> {
    const known = (await this.#load(print.id)) ?? undefined;
    if (known) return { cached: known, isNew: false };
    if (this.#newInMinute >= mostGroupsAMinute) return this.#overflow(event);
    this.#newInMinute += 1;
    return { cached: this.#create(print, event, event.type), isNew: true };
  }

  /** Where errors go that come with too many different messages; one group for each type would be as many again. */
  async #overflow(event: ErrorEvent): Promise<{ cached: Cached; isNew: boolean }> {
    const print: Fingerprint = {
      id: 'other',
      title: 'Errors with too many different messages',
      culprit: '',
      groupedBy: `more than ${mostGroupsAMinute} new kinds of errors within a minute`,
    };
    this.#options.onLoss('error_groups', 1);
    const known = await this.#load(print.id);
    return known ? { cached: known, isNew: false } : { cached: this.#create(print, event, 'other'), isNew: true };
  }

  #create(print: Fingerprint, event: ErrorEvent, type: string): Cached {
    const group: ErrorGroup = {
      id: print.id,
      type,
      title: print.title,
      culprit: print.culprit,
      state: 'open',
      firstSeenAt: event.at,
      lastSeenAt: event.at,
      count: event.count,
      ...(event.release ? { release: event.release } : {}),
      groupedBy: print.groupedBy,
    };
    return this.#remember({ group, kept: [], minute: 0, inMinute: 0 });
  }

  async #load(id: string): Promise<Cached | undefined> {
    const cached = this.#cache.get(id);
    if (cached) {
      this.#cache.delete(id);
      this.#cache.set(id, cached);
      return cached;
    }
    const group = await this.#options.state.get('error_groups', id);
    if (!group) return undefined;
    const kept = await this.#options.state.find('error_occurrences', {
      where: { groupId: id },
      order: 'oldest',
      limit: mostOccurrences,
    });
    return this.#remember({ group, kept: [...kept], minute: 0, inMinute: 0 });
  }

  #remember(cached: Cached): Cached {
    this.#cache.set(cached.group.id, cached);
    if (this.#cache.size > mostCached) {
      const oldest = this.#cache.keys().next().value;
      if (oldest !== undefined) this.#cache.delete(oldest);
    }
    return cached;
  }

  #keepExample(cached: Cached, event: ErrorEvent, minute: number): void {
    if (cached.minute !== minute) {
      cached.minute = minute;
      cached.inMinute = 0;
    }
    cached.inMinute += 1;
    if (cached.inMinute > mostOccurrencesAMinute) {
      this.#options.onLoss('error_examples', 1);
      return;
    }
    const occurrence: ErrorOccurrence = { id: event.id, groupId: cached.group.id, at: event.at, event };
    cached.kept.push(occurrence);
    this.#options.pending.put('error_occurrences', occurrence);
    if (cached.kept.length <= mostOccurrences) return;
    const [gone] = cached.kept.splice(leastTelling(cached.kept), 1);
    if (gone) this.#options.pending.remove('error_occurrences', gone.id);
  }

  #tell(severity: JournalEntry['severity'], text: string, group: ErrorGroup, change?: 'new' | 'regressed'): void {
    const about = { error: group.id, ...(change === undefined ? {} : { change }) };
    this.#options.journal({ kind: 'error', severity, text: text.slice(0, 300), about });
  }
}

/**
 * The example that tells least: the first and the newest always stay; of the rest goes the one that shares most with another
 * (same process, message, place) and, among equals, the one whose neighbours in time are closest.
 */
function leastTelling(kept: readonly ErrorOccurrence[]): number {
  const seen = new Map<string, number>();
  const look = (one: ErrorOccurrence) =>
    `${one.event.instance}\n${one.event.message}\n${String(one.event.context['operation'] ?? '')}`;
  for (const one of kept) seen.set(look(one), (seen.get(look(one)) ?? 0) + 1);
  let worst = 1;
  let worstScore = Number.NEGATIVE_INFINITY;
  for (let i = 1; i < kept.length - 1; i++) {
    const gap = kept[i + 1]!.at - kept[i - 1]!.at;
    const score = (seen.get(look(kept[i]!)) ?? 1) * 1e15 - gap;
    if (score > worstScore) {
      worstScore = score;
      worst = i;
    }
  }
  return worst;
}
