import type { OutboxEntry } from '../../model/notification.ts';
import type { Links } from '../notifier-parts.ts';
import { cut, withUnit } from '../words.ts';
import type { AlertmanagerSettings } from './alertmanager-settings.ts';

/** An alert as `POST /api/v2/alerts` takes it. */
export interface AlertmanagerAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL?: string;
}

/** An alert with this end (epoch ms; in the future while it fires). The value is an annotation: labels are what makes it the same alert. */
export function alertOf(
  entry: OutboxEntry,
  endsAt: number,
  settings: AlertmanagerSettings,
  links: Links,
): AlertmanagerAlert {
  const { facts } = entry;
  const acknowledge = links.acknowledge(entry);
  const alert = links.alert(facts.alertId);
  const annotations: Record<string, string | undefined> = {
    ...annotationsOf(facts),
    summary: cut(facts.message, 4000),
    description: cut(facts.reason, 4000),
    alert_id: facts.alertId,
    value: facts.value === undefined ? undefined : withUnit(facts.value, facts.unit),
    threshold: facts.threshold === undefined ? undefined : withUnit(facts.threshold, facts.unit),
    acknowledge_url: acknowledge,
    context:
      settings.include_context && Object.keys(facts.context).length > 0
        ? cut(JSON.stringify(facts.context), 4000)
        : undefined,
  };
  return {
    labels: labelsOf(entry, settings),
    annotations: kept(annotations),
    startsAt: new Date(facts.startedAt).toISOString(),
    // An end before the begin is refused.
    endsAt: new Date(Math.max(endsAt, facts.startedAt)).toISOString(),
    ...(alert === undefined ? {} : { generatorURL: alert }),
  };
}

/** The rule's own texts, by names that Alertmanager takes. */
function annotationsOf({ annotations = {}, runbook }: OutboxEntry['facts']): Record<string, string | undefined> {
  const own = Object.entries(annotations).map(([name, value]) => [labelName(name), cut(value, 4000)] as const);
  return { ...Object.fromEntries(own), runbook_url: runbook };
}

function labelsOf({ facts }: OutboxEntry, settings: AlertmanagerSettings): Record<string, string> {
  const own = Object.entries(facts.labels)
    .slice(0, 60)
    .map(([name, value]) => [labelName(name), cut(value, 500)] as const);
  return kept({
    ...Object.fromEntries(own),
    ...settings.labels,
    alertname: facts.alertType || 'alert',
    source: facts.source,
    severity: facts.severity,
  });
}

/** A name that Alertmanager takes: `a-b` is refused. */
function labelName(name: string): string {
  const plain = name.replaceAll(/[^a-zA-Z0-9_]/g, '_').slice(0, 200);
  return /^[a-zA-Z_]/.test(plain) ? plain : `_${plain}`;
}

/** Empty labels are as good as missing ones, and refused in some versions. */
function kept(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const pairs = Object.entries(values).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, value.toWellFormed()] as const],
  );
  return Object.fromEntries(pairs);
}
