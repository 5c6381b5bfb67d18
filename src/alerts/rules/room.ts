/**
 * The rules of an engine: those that are built in, those of the configuration and those of code; the clock that lets them look; the
 * points they hear; and the preview. Decides nothing about episodes.
 */
import type { RuleInfo, RulePreview, RuleRefusal, RulesInCode } from '../../model/alert.ts';
import type { CheckInfo } from '../../model/check.ts';
import type { Clock } from '../../model/clock.ts';
import type { Log } from '../../model/log.ts';
import type { SeriesStore, StateStore } from '../../model/store.ts';
import type { Book } from '../book.ts';
import { createDesk } from '../desk.ts';
import type { Draft } from '../draft.ts';
import type { Ledger } from '../ledger.ts';
import { writeFindings } from '../observe.ts';
import { closeRuleless } from '../orphans.ts';
import type { Pen } from '../pen.ts';
import type { Observation, Rule } from '../rule.ts';
import type { AlertsSettings } from '../settings.ts';
import { createClockwork, type Due } from './clockwork.ts';
import { type CodeRules, createCodeRules } from './code-rules.ts';
import { previewRule } from './preview.ts';
import { createRule, listRules, type RuleList, ruleOf } from './rule-list.ts';
import { countOpen, infoOf } from './rule-state.ts';
import { listen, wantedOf } from './series-feed.ts';
import { labelText, type SeriesTap } from './series-tap.ts';
import { warmUp } from './warm-up.ts';

export interface RuleRoomOptions {
  readonly settings: AlertsSettings;
  readonly builtIn: readonly Rule[];
  readonly series: SeriesStore;
  /** Where points are heard; without it rules on series know only what was stored when they began. */
  readonly tap: SeriesTap | undefined;
  readonly state: StateStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly book: Book;
  readonly ledger: Ledger;
  readonly pen: (draft: Draft) => Pen;
}

export interface RuleRoom {
  /** Epoch ms since when the monitor has been looking without a break. */
  readonly awakeSince: number;
  reading(kind: Observation['kind']): readonly Rule[];
  /** Remembers what a check is called, for the preview of rules on checks. */
  met(check: CheckInfo): void;
  /** Lets rules look whose time it is. */
  tick(): Promise<void>;
  infos(): readonly RuleInfo[];
  define(definition: RulesInCode): Promise<readonly RuleRefusal[]>;
  preview(
    rule: unknown,
    span: { readonly from: number; readonly to: number },
    signal?: AbortSignal,
  ): Promise<RulePreview>;
}

/** Opens the room: rules find their history and the alerts that are open. */
export async function openRuleRoom(options: RuleRoomOptions): Promise<RuleRoom> {
  const { settings, clock, log, book, ledger, pen } = options;
  const configured = settings.rules.filter((rule) => rule.enabled).map((rule) => createRule(rule, 'configuration'));
  const taken = new Set(configured.map((rule) => rule.info.id));
  const code: CodeRules = createCodeRules({ book, taken });
  const errors = new Map<string, string>();
  const checks = new Map<string, CheckInfo>();
  let list: RuleList = collect();
  let watched: string[] = [];

  function collect(): RuleList {
    return listRules({ builtIn: options.builtIn, changes: settings.built_in, configured, inCode: code.rules });
  }

  async function begin(fresh: RuleList, known: ReadonlySet<Rule>): Promise<void> {
    const metrics = wantedOf(fresh.series);
    if (options.tap) {
      listen(options.tap, metrics, labelText);
      for (const name of watched) if (!metrics.has(name)) options.tap.unwatch(name);
      watched = [...metrics.keys()];
    }
    const rules = fresh.series.filter((rule) => !known.has(rule));
    const open = [...book.open.values()];
    if (rules.length > 0) {
      await warmUp({ rules, metrics, store: options.series, now: clock.now(), open, log });
    }
  }

  const clockwork = createClockwork({
    clock,
    rules: () => list.byClock,
    async evaluate(due, mayGoOn) {
      let done = 0;
      await ledger
        .run((draft) => {
          for (const each of due) {
            if (done > 0 && done % 16 === 0 && !mayGoOn()) break;
            look(pen(draft), each);
            done += 1;
          }
        })
        .catch(() => undefined);
      return Math.max(1, done);
    },
  });

  function look(at: Pen, due: Due): void {
    const { rule } = due;
    const then: Pen = { ...at, now: Math.min(at.now, due.at) };
    try {
      const findings = rule.byClock!.look(due.at, createDesk(then, rule, clockwork.awakeSince));
      if (findings.length > 0) writeFindings(then, rule, findings);
      errors.delete(rule.info.id);
    } catch (error) {
      if (!errors.has(rule.info.id))
        log.error(
          { rule: rule.info.id, error: String(error) },
          'A rule could not be evaluated; its alerts stay as they are.',
        );
      errors.set(rule.info.id, String(error));
    }
  }

  await begin(list, new Set());
  await ledger.run((draft) => closeRuleless(pen(draft), ruleIds(list))).catch(() => undefined);

  return {
    get awakeSince() {
      return clockwork.awakeSince;
    },
    reading: (kind) => list.reading(kind),
    met: (check) => void checks.set(check.id, check),
    tick: () => clockwork.tick(),
    infos() {
      const open = countOpen(book);
      return list.all.map((rule) =>
        infoOf(rule, { open, lookedAt: clockwork.lookedAt(rule), error: errors.get(rule.info.id) }),
      );
    },
    async define(definition) {
      const outcome = code.define(definition);
      if (!outcome.changed) return outcome.refused;
      const known = new Set<Rule>(list.all);
      list = collect();
      await begin(list, known);
      await ledger.run((draft) => {
        const at = pen(draft);
        at.draft.putMemory({ id: outcome.record.id, at: at.now, value: outcome.record.value });
        closeRuleless(at, ruleIds(list));
      });
      return outcome.refused;
    },
    preview: async (rule, span, signal) =>
      previewRule({ definition: ruleOf(rule), span, store: options.series, state: options.state, checks, signal }),
  };
}

function ruleIds(list: RuleList): ReadonlySet<string> {
  return new Set(list.all.map((rule) => rule.info.id));
}
