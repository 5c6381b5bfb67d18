import type { Episode, NoiseState, RuleInfo } from '../../model/alert.ts';
import type { NoiseView, WhyNotView } from '../../model/api.ts';
import type { CheckState } from '../../model/check.ts';
import { formatDuration } from '../../model/duration.ts';
import type { ServerOptions } from '../options.ts';
import { tellingOf } from './who-was-told.ts';

type Reason = WhyNotView['reasons'][number];

const reason = (code: string, text: string, more: Partial<Reason> = {}): Reason => ({
  code,
  text,
  channel: null,
  until_at: null,
  alert: null,
  ...more,
});

/** Answers why somebody is not told of an alert (its id), a check (its id or name), a rule or an alert type. */
export async function whyNot(options: ServerOptions, subject: string): Promise<WhyNotView> {
  const { alerts, checks, state } = options;
  const episode = alerts.active().find(({ id }) => id === subject) ?? (await state.get('episodes', subject));
  if (episode) return ofAlerts(options, subject, 'alert', episode.message, [episode]);
  const check =
    checks.one(subject) ?? checks.all().find(({ check: { name, target } }) => name === subject || target === subject);
  if (check) {
    const open = alerts.active().filter(({ labels }) => labels['check'] === check.check.id);
    const found = await ofAlerts(options, subject, 'check', check.check.name, open);
    const reasons = [...ofCheck(check, options.clock.now(), open), ...found.reasons];
    return { ...found, reasons, verdict: verdictOf(reasons, open, `Nothing of ${check.check.name} fires.`) };
  }
  const rules = alerts.rules().filter(({ id, alertType }) => id === subject || alertType === subject);
  const open = alerts.active().filter(({ rule, alertType }) => rule === subject || alertType === subject);
  if (rules.length > 0 || open.length > 0) {
    const found = await ofAlerts(options, subject, 'rule', rules[0]?.condition ?? subject, open);
    const reasons = [...rules.flatMap((rule) => ofRule(rule, open)), ...found.reasons];
    return { ...found, reasons, verdict: verdictOf(reasons, open, `Nothing of ${subject} fires.`) };
  }
  const text = `Nothing is called ${subject}: neither an alert, nor a check, nor a rule in force (it may be switched off).`;
  return { subject, kind: 'unknown', name: subject, verdict: text, reasons: [reason('unknown', text)] };
}

async function ofAlerts(
  options: ServerOptions,
  subject: string,
  kind: WhyNotView['kind'],
  name: string,
  episodes: readonly Episode[],
): Promise<WhyNotView> {
  const reasons = (await Promise.all(episodes.slice(0, 20).map((episode) => ofEpisode(options, episode)))).flat();
  return { subject, kind, name, reasons, verdict: verdictOf(reasons, episodes, 'There is no such alert now.') };
}

/** Everything that keeps one alert from somebody. */
async function ofEpisode(options: ServerOptions, episode: Episode): Promise<Reason[]> {
  const { id, state, acknowledged, holds = [] } = episode;
  const about = { alert: id };
  const reasons: Reason[] = [];
  if (state === 'pending') reasons.push(reason('pending', `not yet: ${episode.reason}`, about));
  if (state === 'resolved') reasons.push(reason('resolved', `it is over: ${episode.reason}`, about));
  for (const hold of holds) reasons.push(reason(hold.kind, hold.text, { ...about, until_at: hold.until ?? null }));
  if (acknowledged) {
    const note = acknowledged.note === '' ? '' : `: ${acknowledged.note}`;
    const text = `acknowledged by ${acknowledged.by}${note}; reminders stop meanwhile`;
    reasons.push(reason('acknowledged', text, { ...about, until_at: acknowledged.until ?? null }));
  }
  const { told, not_told } = await tellingOf(options, episode);
  if (options.delivery.channels().length === 0)
    reasons.push(reason('no-channel', 'no channel is enabled in `notifications`', about));
  for (const one of not_told) reasons.push(reason(codeOf(one.reason), one.reason, { ...about, channel: one.channel }));
  return [...reasons, ...undelivered(options, told, id)];
}

function codeOf(text: string): string {
  if (text.includes('min_severity')) return 'below-min-severity';
  return text.includes('pending') ? 'pending' : 'not-told-here';
}

/** Messages that were owed and have not arrived. */
function undelivered(
  { delivery, clock }: ServerOptions,
  told: Awaited<ReturnType<typeof tellingOf>>['told'],
  alert: string,
): Reason[] {
  const channels = new Map(delivery.channels().map((channel) => [channel.name, channel]));
  return told.flatMap((one) => {
    const where = { channel: one.channel, alert };
    const { opensAt, breaker } = channels.get(one.channel) ?? {};
    if (one.state === 'delivered') return [];
    if (one.state === 'queued' || one.state === 'retry') {
      const until = { ...where, until_at: opensAt ?? null };
      if (breaker === 'open')
        return [reason('channel-left-alone', `${one.channel} refused us and is left alone`, until)];
      if (opensAt !== undefined && opensAt > clock.now())
        return [reason('channel-schedule', `the schedule of ${one.channel} is closed`, until)];
      if (one.error) return [reason('retrying', `${one.channel} failed ${one.attempts} times: ${one.error}`, where)];
      return [
        reason(
          'throttled',
          `waiting in ${one.channel}: the same alert was told less than its throttle_seconds ago`,
          where,
        ),
      ];
    }
    const word = { dead: 'gave-up', superseded: 'superseded', expired: 'expired' }[one.state as string] ?? one.state;
    return [reason(word, `the message to ${one.channel} is ${one.state}${one.error ? `: ${one.error}` : ''}`, where)];
  });
}

/** Why a check makes no alert. */
function ofCheck(state: CheckState, now: number, open: readonly Episode[]): Reason[] {
  const { check, status, last, maintenance, consecutiveFailures } = state;
  if (maintenance)
    return [
      reason('maintenance', `maintenance “${maintenance.name}”: results count against nothing`, {
        until_at: maintenance.until,
      }),
    ];
  if (last?.becauseOf)
    return [
      reason(
        'because-of',
        `it fails because of ${last.becauseOf.name} (${last.becauseOf.reason}); that one's alert tells people`,
      ),
    ];
  if (last?.inconclusive) return [reason('inconclusive', `the last result does not count: ${last.reason}`)];
  if (status === 'unknown')
    return [reason('no-data', last ? `the last result is unknown: ${last.reason}` : 'it has not run yet')];
  if (status === 'stale')
    return [reason('no-data', `the newest result is ${formatDuration(now - (last?.at ?? now))} old`)];
  if (status === 'ok') return [reason('ok', `${check.name} is ok: ${state.reason}`)];
  if (open.length > 0) return [];
  return [
    reason(
      'no-alert-yet',
      `${check.name} is ${status} (${state.reason}), ${consecutiveFailures} times in a row; no rule has made an alert of it (for endpoints see api_health_degraded)`,
    ),
  ];
}

/** Why a rule makes no alert. */
function ofRule({ id, condition, state }: RuleInfo, open: readonly Episode[]): Reason[] {
  if (state?.health === 'error') return [reason('rule-error', `${id} cannot be evaluated: ${state.lastError ?? ''}`)];
  if (state?.health === 'no-data') return [reason('no-data', `${id} has nothing to judge`)];
  return open.length > 0 ? [] : [reason('not-met', `the condition is not met: ${condition}`)];
}

function verdictOf(reasons: readonly Reason[], episodes: readonly Episode[], nothing: string): string {
  const [first] = reasons;
  if (first) return `${first.text.charAt(0).toUpperCase()}${first.text.slice(1)}.`.replace(/\.\.$/, '.');
  return episodes.some(({ state }) => state === 'firing')
    ? 'Nothing holds it back: everybody who should know was told.'
    : nothing;
}

export function noiseView({ storm, windows, flapping, waiting }: NoiseState): NoiseView {
  return {
    storm: storm ? { since_at: storm.since, alerts: storm.alerts } : null,
    windows: windows.map(({ kind, name, until }) => ({ kind, name, until_at: until })),
    flapping: flapping.length,
    waiting,
  };
}
