import type { AlertsView, Episode, Silence } from '../model/alert.ts';
import type { Clock } from '../model/clock.ts';
import { formatDuration } from '../model/duration.ts';
import { newId } from '../model/id.ts';
import { compileMatchers } from '../model/matcher.ts';
import { MonitorError } from '../model/problem.ts';
import { severities } from '../model/severity.ts';
import type { Book } from './book.ts';
import type { Draft } from './draft.ts';
import type { Ledger } from './ledger.ts';
import { lookAgain, type Pen, record, tell } from './life.ts';
import { raiseByHand, resolveByHand } from './manual.ts';
import type { RuleRoom } from './rules/room.ts';
import { endSilence } from './silence-end.ts';
import { describeMatchers } from './silencing.ts';
import { acknowledgements } from './telling.ts';

/** A year: longer silences are forgotten silences. */
const longestSilenceMs = 366 * 86_400_000;

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
    async silence(request) {
      checkSilence(request);
      return ledger.run((draft) => addSilence(pen(draft), request));
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
    acknowledge: (episodeId, by, note) => ledger.run((draft) => acknowledge(pen(draft), episodeId, by, note)),
    raise: (alert) => ledger.run((draft) => raiseByHand(pen(draft), alert)),
    resolve: (alertType, source) => ledger.run((draft) => resolveByHand(pen(draft), alertType, source)),
    rules: () => rules.infos(),
    defineRules: (definition) => rules.define(definition),
    preview: (rule, span, signal) => rules.preview(rule, span, signal),
  };
}

type SilenceRequest = Parameters<AlertsView['silence']>[0];

function checkSilence({ matchers, durationMs }: SilenceRequest): void {
  if (matchers.length === 0) {
    throw new MonitorError('bad-argument', 'A silence without a matcher would silence everything.', {
      hint: 'Give an alert type, or say alert_type=~".*" when you mean everything.',
    });
  }
  compileMatchers(matchers);
  if (!(durationMs > 0 && durationMs <= longestSilenceMs)) {
    throw new MonitorError('bad-argument', `A silence cannot last ${durationMs} ms.`, {
      hint: 'Give a duration of more than 0 and at most 366 days.',
    });
  }
}

function addSilence(pen: Pen, request: SilenceRequest): Silence {
  const silence: Silence = {
    id: newId(pen.now),
    matchers: request.matchers,
    createdAt: pen.now,
    startsAt: pen.now,
    endsAt: pen.now + request.durationMs,
    createdBy: request.createdBy,
    comment: request.comment,
  };
  pen.draft.putSilence(silence);
  pen.draft.emit({ type: 'silence', silence, ended: false });
  pen.draft.journal({
    id: newId(pen.now),
    at: pen.now,
    kind: 'silence',
    text: `${request.createdBy} silenced ${describeMatchers(request.matchers)} for ${formatDuration(request.durationMs)}`,
    severity: 'info',
    about: { silence: silence.id },
  });
  lookAgain(pen);
  return silence;
}

function acknowledge(pen: Pen, episodeId: string, by: string, note: string): Episode | undefined {
  const episode = pen.draft.allOpen().find((each) => each.id === episodeId);
  if (!episode) return undefined;
  const acknowledged: Episode = { ...episode, acknowledged: { at: pen.now, by, note } };
  pen.draft.putEpisode(acknowledged);
  const id = record(
    pen,
    acknowledged,
    'acknowledged',
    note === '' ? `acknowledged by ${by}` : `acknowledged by ${by}: ${note}`,
    by,
  );
  const told = tell(pen, acknowledged, id);
  pen.draft.owe(acknowledgements(told, pen.channels, id, pen.now));
  return told;
}

function worstFirst(a: Episode, b: Episode): number {
  const firing = Number(b.state === 'firing') - Number(a.state === 'firing');
  const severity = severities.indexOf(b.severity) - severities.indexOf(a.severity);
  return firing || severity || a.startedAt - b.startedAt || (a.id < b.id ? -1 : 1);
}
