import type { AlertsView, Episode, NoiseState } from '../model/alert.ts';
import type { Clock } from '../model/clock.ts';
import { compileMatchers } from '../model/matcher.ts';
import { severities } from '../model/severity.ts';
import { acknowledge, unacknowledge } from './acknowledging.ts';
import type { Book } from './book.ts';
import { bundleAt } from './bundle.ts';
import { baseOf, createDraft, type Draft } from './draft.ts';
import { allFlaps } from './flap-life.ts';
import type { Ledger } from './ledger.ts';
import { lookAgain } from './life.ts';
import { raiseByHand, resolveByHand } from './manual.ts';
import type { Pen } from './pen.ts';
import type { RuleRoom } from './rules/room.ts';
import { endSilence } from './silence-end.ts';
import { addSilence, checkSilence, editSilence } from './silence-requests.ts';
import { inForceUntil, matchableLabels } from './silencing.ts';
import { openWindows } from './windows.ts';

interface ViewParts {
  readonly book: Book;
  readonly ledger: Ledger;
  readonly pen: (draft: Draft) => Pen;
  readonly rules: RuleRoom;
  readonly clock: Clock;
}

/** What the other rooms may ask of the engine. */
export function createAlertsView({ book, ledger, pen, rules, clock }: ViewParts): AlertsView {
  return {
    active: () => [...book.open.values()].sort(worstFirst),
    silences: () =>
      [...book.silences.values()].filter((each) => each.endsAt > clock.now()).sort((a, b) => a.endsAt - b.endsAt),
    inForce: (silence) => inForceUntil(silence, clock.now()) !== undefined,
    async silence(request) {
      checkSilence(request);
      return ledger.run((draft) => addSilence(pen(draft), request));
    },
    changeSilence: (id, change, by) => ledger.run((draft) => editSilence(pen(draft), id, change, by)),
    matching(matchers) {
      const fits = compileMatchers(matchers);
      return [...book.open.values()].filter((episode) => fits(matchableLabels(episode))).sort(worstFirst);
    },
    unsilence: (id, by) =>
      ledger.run((draft) => {
        const at = pen(draft);
        const silence = draft.silences().find((each) => each.id === id);
        if (!silence) return false;
        endSilence(at, silence, `taken away by ${by}`);
        lookAgain(at);
        return true;
      }),
    acknowledge: (episodeId, by, note, forMs) =>
      ledger.run((draft) => acknowledge(pen(draft), episodeId, by, note, forMs)),
    unacknowledge: (episodeId, by, note = '') => ledger.run((draft) => unacknowledge(pen(draft), episodeId, by, note)),
    raise: (alert) => ledger.run((draft) => raiseByHand(pen(draft), alert)),
    resolve: (alertType, source, labels) =>
      ledger.run((draft) =>
        resolveByHand(pen(draft), {
          alertType,
          ...(source === undefined ? {} : { source }),
          ...(labels === undefined ? {} : { labels }),
        }),
      ),
    rules: () => rules.infos(),
    noise: () => noiseOf(pen(createDraft(baseOf(book)))),
    defineRules: (definition) => rules.define(definition),
    preview: (rule, span, signal) => rules.preview(rule, span, signal),
  };
}

/** What keeps alerts from being told one by one now. */
function noiseOf(at: Pen): NoiseState {
  const storm = bundleAt(at.draft, 'storm');
  return {
    ...(storm ? { storm: { since: storm.startedAt, alerts: storm.alerts } } : {}),
    windows: openWindows(at.noise.windows, at.now).map(({ window, until }) => ({
      kind: window.kind,
      name: window.name,
      until,
    })),
    flapping: allFlaps(at).map((flap) => flap.fingerprint),
    waiting: at.draft.waiting().length,
  };
}

function worstFirst(a: Episode, b: Episode): number {
  const firing = Number(b.state === 'firing') - Number(a.state === 'firing');
  const severity = severities.indexOf(b.severity) - severities.indexOf(a.severity);
  return firing || severity || a.startedAt - b.startedAt || (a.id < b.id ? -1 : 1);
}
