import type { Episode, PreviewEpisode } from '../../model/alert.ts';
import type { Labels } from '../../model/sample.ts';
import { worst } from '../../model/severity.ts';
import { fingerprintOf } from '../fingerprint.ts';
import { type Step, step } from '../machine.ts';
import type { Finding, Rule, RuleDesk } from '../rule.ts';

/** Most alerts that are listed; more are counted. */
const mostEpisodes = 1000;

/** Takes the findings of a rule through the same state machine as the engine, and writes down what would have happened. */
export interface Rehearsal {
  readonly episodes: readonly PreviewEpisode[];
  /** Conditions that were met, but not for long enough. */
  readonly passedOver: number;
  /** Alerts that are not listed because there were too many. */
  readonly unlisted: number;
  desk(now: number, awakeSince: number): RuleDesk;
  play(findings: readonly Finding[], now: number): void;
}

type Draft = { -readonly [K in keyof PreviewEpisode]: PreviewEpisode[K] };

/** Starts a rehearsal of a rule; nothing of it is stored or told. */
export function rehearse(rule: Rule, mostExtreme: (a: number, b: number) => number): Rehearsal {
  const { id, alertType, source } = rule.info;
  const identity = (labels: Labels) => fingerprintOf(id, alertType, source, labels);
  const open = new Map<string, Episode>();
  const fired = new Map<string, Draft>();
  const memory = new Map<string, unknown>();
  const episodes: Draft[] = [];
  let passedOver = 0;
  let unlisted = 0;
  let born = 0;

  function note(next: Step, finding: Finding): void {
    const { episode, kind } = next;
    if (kind === 'forgotten') passedOver += 1;
    if (kind === 'firing') {
      const draft: Draft = {
        labels: episode.labels,
        severity: episode.severity,
        startedAt: episode.startedAt,
        firedAt: episode.firedAt!,
        message: episode.message,
        reason: next.reason,
      };
      fired.set(episode.fingerprint, draft);
      if (episodes.length < mostEpisodes) episodes.push(draft);
      else unlisted += 1;
    }
    const draft = fired.get(episode.fingerprint);
    if (!draft) return;
    draft.severity = worst([draft.severity, episode.severity]);
    if (finding.verdict === 'bad' && finding.value !== undefined && episode.state !== 'pending')
      draft.peak = draft.peak === undefined ? finding.value : mostExtreme(draft.peak, finding.value);
    if (episode.state !== 'resolved') return;
    draft.resolvedAt = episode.resolvedAt!;
    fired.delete(episode.fingerprint);
  }

  return {
    episodes,
    get passedOver() {
      return passedOver;
    },
    get unlisted() {
      return unlisted;
    },
    desk: (now, awakeSince) => ({
      now,
      awakeSince,
      openEpisode: (fingerprint) => open.get(fingerprint),
      severityOf(labels) {
        const episode = open.get(identity(labels));
        return episode?.state === 'firing' ? episode.severity : undefined;
      },
      recall: (part = '') => memory.get(part),
      parts: () => [...memory.keys()].filter((part) => part !== ''),
      remember(value, part = '') {
        if (value === undefined) memory.delete(part);
        else memory.set(part, value);
      },
    }),
    play(findings, now) {
      for (const finding of findings) {
        const fingerprint = identity(finding.labels);
        born += 1;
        const birth = { id: String(born), fingerprint, rule: id, alertType, source };
        const next = step(open.get(fingerprint), birth, finding, rule.policy, now);
        if (!next) continue;
        if (next.episode.state === 'resolved') open.delete(fingerprint);
        else open.set(fingerprint, next.episode);
        note(next, finding);
      }
    },
  };
}
