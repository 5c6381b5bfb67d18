import type { Episode } from '../model/alert.ts';
import { compileMatchers, type LabelPredicate, parseMatchers } from '../model/matcher.ts';
import type { Labels } from '../model/sample.ts';
import type { NoiseSettings } from './noise-settings.ts';
import { matchableLabels } from './silencing.ts';

/** An alert that keeps another one quiet. */
export interface Inhibitor {
  readonly source: Episode;
  /** Name of the rule, or what it says. */
  readonly rule: string;
}

/** Knows which alerts keep others quiet. */
export interface Inhibition {
  /** Hears of every episode that fires or ends; true when that may have changed what others may tell. */
  note(episode: Episode): boolean;
  /** The alert because of which this one is not told. `current` gives the open episode of a fingerprint as it stands. */
  of(episode: Episode, current: (fingerprint: string) => Episode | undefined): Inhibitor | undefined;
}

interface CompiledRule {
  readonly name: string;
  readonly isSource: LabelPredicate;
  readonly isTarget: LabelPredicate;
  readonly equal: readonly string[];
  /** Fingerprints of firing sources by the values of the labels that must be equal. */
  readonly sources: Map<string, Set<string>>;
}

/**
 * Inhibition as Alertmanager does it: while a source fires, targets with the same values of the `equal` labels tell nobody; an alert
 * that fits both sides is not inhibited by another one that does. Sources are found by an index, so that a storm costs a look-up each.
 */
export function createInhibition(settings: NoiseSettings['inhibit_rules']): Inhibition {
  const rules: CompiledRule[] = settings.map((rule) => ({
    name: rule.name || `${rule.source_matchers.join(', ')} before ${rule.target_matchers.join(', ')}`,
    isSource: compileMatchers(rule.source_matchers.flatMap(parseMatchers)),
    isTarget: compileMatchers(rule.target_matchers.flatMap(parseMatchers)),
    equal: rule.equal,
    sources: new Map(),
  }));
  return {
    note(episode) {
      let changed = false;
      const labels = matchableLabels(episode);
      for (const rule of rules) {
        const key = keyOf(labels, rule.equal);
        const known = rule.sources.get(key);
        if (episode.state === 'firing' && rule.isSource(labels)) {
          changed ||= !known?.has(episode.fingerprint);
          if (known) known.add(episode.fingerprint);
          else rule.sources.set(key, new Set([episode.fingerprint]));
        } else if (known?.delete(episode.fingerprint)) {
          changed = true;
          if (known.size === 0) rule.sources.delete(key);
        }
      }
      return changed;
    },
    of(episode, current) {
      if (rules.length === 0) return undefined;
      const labels = matchableLabels(episode);
      for (const rule of rules) {
        if (!rule.isTarget(labels)) continue;
        const both = rule.isSource(labels);
        const key = keyOf(labels, rule.equal);
        for (const fingerprint of rule.sources.get(key) ?? []) {
          if (fingerprint === episode.fingerprint) continue;
          const source = current(fingerprint);
          if (source?.state !== 'firing') continue;
          const theirs = matchableLabels(source);
          // The index may know it under labels that it had before (its severity, say): what counts is what it is now.
          if (keyOf(theirs, rule.equal) !== key || !rule.isSource(theirs) || (both && rule.isTarget(theirs))) continue;
          return { source, rule: rule.name };
        }
      }
      return undefined;
    },
  };
}

function keyOf(labels: Labels, equal: readonly string[]): string {
  return JSON.stringify(equal.map((name) => (Object.hasOwn(labels, name) ? labels[name] : '')));
}
