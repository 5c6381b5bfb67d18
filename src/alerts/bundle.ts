import type { Episode } from '../model/alert.ts';
import { newId } from '../model/id.ts';
import type { Severity } from '../model/severity.ts';
import { memoryPrefix } from './book.ts';
import type { Draft } from './draft.ts';
import { fingerprintOf } from './fingerprint.ts';
import { matchableLabels } from './silencing.ts';

/**
 * Alerts that are told together: a group by labels, a storm, or what quiet hours held back. To a receiver it is one thing that begins
 * and ends, with an id of its own. Kept in the collection `memory`, so that it survives a crash.
 */
export interface Bundle {
  /** Receivers see it as `alert_id` of summaries. */
  readonly id: string;
  /** What its alerts share: `storm`, `quiet:NAME` or `group:HASH`. At most one bundle takes alerts under a key. */
  readonly key: string;
  readonly kind: 'storm' | 'quiet-hours' | 'group';
  /** What its alerts have in common, for people. */
  readonly title: string;
  readonly startedAt: number;
  /** Epoch ms of the next summary at the latest; null while there is nothing to tell. */
  readonly flushAt: number | null;
  /** Summaries so far, and when the newest was owed. */
  readonly flushes: number;
  readonly toldAt: number;
  /** Alerts that were told in it, and those of them that still fire. */
  readonly alerts: number;
  readonly alive: number;
  /** The worst that it told. */
  readonly worst: Severity;
}

const prefix = `${memoryPrefix}bundle:`;
const pointers = `${memoryPrefix}bundle-of:`;

/** A bundle by its id, also one that only waits for its alerts to end. */
export function bundleOf(draft: Draft, id: string): Bundle | undefined {
  return draft.memory(prefix + id)?.value as Bundle | undefined;
}

/** The bundle that takes alerts under a key now. */
export function bundleAt(draft: Draft, key: string): Bundle | undefined {
  const id = draft.memory(pointers + key)?.value;
  return typeof id === 'string' ? bundleOf(draft, id) : undefined;
}

/** Every bundle, also those that only wait for their alerts to end. */
export function allBundles(draft: Draft): Bundle[] {
  return draft.memories(prefix).map((id) => draft.memory(id)?.value as Bundle);
}

/** Stores a bundle. */
export function putBundle(draft: Draft, bundle: Bundle): Bundle {
  draft.putMemory({ id: prefix + bundle.id, at: bundle.startedAt, value: bundle });
  return bundle;
}

/** Lets a bundle take no more alerts; it lives on until those it told of are over. */
export function closeBundle(draft: Draft, bundle: Bundle): void {
  if (bundleAt(draft, bundle.key)?.id === bundle.id) draft.removeMemory(pointers + bundle.key);
  if (bundle.alive > 0) putBundle(draft, bundle);
  else draft.removeMemory(prefix + bundle.id);
}

/** True while a bundle takes alerts. */
export function takesMore(draft: Draft, bundle: Bundle): boolean {
  return draft.memory(pointers + bundle.key)?.value === bundle.id;
}

/** Starts a bundle. */
export function openBundle(draft: Draft, kind: Bundle['kind'], key: string, title: string, now: number): Bundle {
  const bundle: Bundle = {
    id: newId(now),
    key,
    kind,
    title,
    startedAt: now,
    flushAt: null,
    flushes: 0,
    toldAt: now,
    alerts: 0,
    alive: 0,
    worst: 'debug',
  };
  draft.putMemory({ id: pointers + key, at: now, value: bundle.id });
  return putBundle(draft, bundle);
}

/** The group of an alert: the values of the labels that make it, as a short key and for people. */
export function groupOf(
  episode: Episode,
  groupBy: readonly string[],
): { readonly key: string; readonly title: string } {
  const labels = matchableLabels(episode);
  const values = Object.fromEntries(groupBy.map((name) => [name, Object.hasOwn(labels, name) ? labels[name]! : '']));
  return {
    key: `group:${fingerprintOf('group', '', '', values)}`,
    title: Object.entries(values)
      .map(([name, value]) => `${name}=${value}`)
      .join(', '),
  };
}
