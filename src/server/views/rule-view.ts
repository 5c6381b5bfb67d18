import type { RuleInfo, RulePreview } from '../../model/alert.ts';
import type { RuleDetailView, RulePreviewView, RuleView } from '../../model/api.ts';

export function ruleView(rule: RuleInfo): RuleView {
  const { id, alertType, source, condition, explanation, state, everyMs } = rule;
  return {
    id,
    alert_type: alertType,
    source,
    condition,
    explanation,
    origin: rule.origin ?? 'built-in',
    every_seconds: everyMs === undefined ? null : everyMs / 1000,
    runbook: rule.runbook ?? null,
    health: state?.health ?? 'ok',
    firing: state?.firing ?? 0,
    pending: state?.pending ?? 0,
    last_evaluated_at: state?.lastEvaluatedAt ?? null,
    last_error: state?.lastError ?? null,
    groups: state?.groups ?? null,
    overflow: state?.overflow ?? 0,
  };
}

export function ruleDetailView(rule: RuleInfo): RuleDetailView {
  return { ...ruleView(rule), definition: rule.definition ?? null };
}

export function rulePreviewView(preview: RulePreview): RulePreviewView {
  const { evaluations, expectedEvaluations } = preview;
  return {
    rule: ruleView(preview.rule),
    from: preview.from,
    to: preview.to,
    evaluations,
    expected_evaluations: expectedEvaluations,
    coverage_ratio: expectedEvaluations === 0 ? 0 : evaluations / expectedEvaluations,
    tier: preview.tier,
    episodes: preview.episodes.map((each) => ({
      labels: each.labels,
      severity: each.severity,
      started_at: each.startedAt,
      fired_at: each.firedAt,
      resolved_at: each.resolvedAt ?? null,
      peak: each.peak ?? null,
      message: each.message,
      reason: each.reason,
    })),
    passed_over: preview.passedOver,
    overflow: preview.overflow,
    lines: preview.lines.map(({ labels, at, values }) => ({ labels, at: [...at], values: [...values] })),
    notes: [...preview.notes],
  };
}
