import '../style/pages.css';
import type { AlertView, SilenceView } from '../../model/api.ts';
import { useQuery } from '../data/query.ts';
import { mayAct } from '../data/request.ts';
import { href } from '../data/route.ts';
import { eachTenSeconds, serverNow } from '../data/time.ts';
import { lazy } from '../frame/lazy.tsx';
import { Answer } from '../show/answer.tsx';
import { Empty } from '../show/empty.tsx';
import { moment, plural, span, text, when, words } from '../show/format.ts';
import { chosenTab, Filter, Head, matches, Tabs } from '../show/page.tsx';
import { Status } from '../show/status.tsx';
import { AcknowledgeButton, endSilence, SilenceButton } from './actions.tsx';
import { Episode } from './alert-detail.tsx';

/** Few people look at rules often, and their previews weigh something. */
const Rules = lazy(async () => (await import('./rules.tsx')).Rules);

/** What is firing, and who knows? */
export function Alerts({ id }: { id: string | undefined }) {
  return <div class="page">{id ? <Episode key={id} id={id} /> : <All />}</div>;
}

const rank: Record<string, number> = { critical: 0, error: 1, warning: 2, info: 3, debug: 4 };
const worst = (a: AlertView, b: AlertView) =>
  (rank[a.severity] ?? 9) - (rank[b.severity] ?? 9) || b.started_at - a.started_at;

function All() {
  const active = useQuery<{ alerts: AlertView[] }>('alerts pending,firing', () => '/alerts?state=pending,firing', {
    on: ['alert', 'silence'],
    every: 30_000,
  });
  const silences = useQuery<{ silences: SilenceView[] }>('silences', () => '/silences', {
    on: ['silence'],
    every: 60_000,
  });
  const view = chosenTab('view', 'active');
  const firing = (active.data.value?.alerts ?? []).filter(
    ({ state, silenced_by }) => state === 'firing' && silenced_by === null,
  );
  const quiet = (active.data.value?.alerts ?? []).filter(({ silenced_by }) => silenced_by !== null);
  const pending = (active.data.value?.alerts ?? []).filter(
    ({ state, silenced_by }) => state === 'pending' && silenced_by === null,
  );
  const unseen = firing.filter(({ acknowledged }) => acknowledged === null).length;
  return (
    <>
      <Head
        title="Alerts"
        lead={
          active.data.value === undefined
            ? ' '
            : firing.length === 0
              ? 'Nothing fires.'
              : `${plural(firing.length, 'alert fires', 'alerts fire')}${unseen < firing.length ? `, ${firing.length - unseen} acknowledged` : ''}${quiet.length > 0 ? `; ${quiet.length} silenced` : ''}.`
        }
      >
        <Filter label="Filter alerts" />
        <SilenceButton />
      </Head>
      <Tabs
        name="view"
        label="Which alerts"
        options={[
          { id: 'active', text: 'Active', count: active.data.value?.alerts.length },
          { id: 'resolved', text: 'Resolved' },
          { id: 'silences', text: 'Silences', count: silences.data.value?.silences.length },
          { id: 'rules', text: 'Rules' },
        ]}
      />
      {view === 'active' && (
        <Answer of={active}>
          {({ alerts }) =>
            alerts.length === 0 ? (
              <Empty title="All quiet.">
                When a rule holds for long enough, its alert stands here with why, since when, and who was told.
              </Empty>
            ) : (
              <>
                <Section title="Firing" alerts={firing} />
                <Section title="Pending" alerts={pending} note="Seen, but not long enough to tell anybody." />
                <Section title="Silenced" alerts={quiet} note="Recorded, but nobody is told." />
              </>
            )
          }
        </Answer>
      )}
      {view === 'resolved' && <Resolved />}
      {view === 'silences' && <Answer of={silences}>{({ silences: list }) => <Silences of={list} />}</Answer>}
      {view === 'rules' && <Rules />}
    </>
  );
}

function Section({ title, alerts, note }: { title: string; alerts: readonly AlertView[]; note?: string }) {
  eachTenSeconds();
  const shown = alerts
    .filter(({ message, alert_type, source, labels }) => matches(message, alert_type, source, JSON.stringify(labels)))
    .toSorted(worst);
  if (shown.length === 0) return null;
  return (
    <section class="group">
      <h2>
        {title} {note && <span class="weak">{note}</span>}
      </h2>
      <List alerts={shown} />
    </section>
  );
}

function List({ alerts }: { alerts: readonly AlertView[] }) {
  const now = serverNow();
  return (
    <div class="scroll">
      <table class="rows alerts">
        <thead>
          <tr>
            <th scope="col">Severity</th>
            <th scope="col">Alert</th>
            <th scope="col" class="number">
              Value
            </th>
            <th scope="col" class="number">
              Since
            </th>
            <th scope="col" class="number">
              For
            </th>
            <th scope="col">Known to</th>
            {mayAct() && (
              <th scope="col" class="does">
                <span class="hidden">Actions</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {alerts.map((alert) => (
            <tr key={alert.id}>
              <td>
                <Status
                  state={alert.state === 'resolved' ? 'resolved' : alert.severity}
                  {...(alert.state !== 'resolved' && alert.severity === 'error' ? { word: 'Error' } : {})}
                />
              </td>
              <th scope="row">
                <a href={href(['alerts', alert.id])}>{alert.message}</a>
                <p class="weak">
                  {words(alert.alert_type)}: {alert.reason}
                </p>
              </th>
              <td class="number">
                {text(alert.value, alert.unit)}
                {alert.threshold !== null && <p class="weak">limit {text(alert.threshold, alert.unit)}</p>}
              </td>
              <td class="number" title={moment(alert.started_at)}>
                {when(alert.started_at, now)}
              </td>
              <td class="number">{span((alert.resolved_at ?? now) - alert.started_at)}</td>
              <td>
                {alert.acknowledged ? (
                  <Status state="ok" quiet word={alert.acknowledged.by} />
                ) : alert.silenced_by ? (
                  <span class="weak">silenced</span>
                ) : alert.notified ? (
                  'told'
                ) : (
                  <span class="weak">nobody yet</span>
                )}
              </td>
              {mayAct() && (
                <td class="does">
                  <AcknowledgeButton alert={alert} small />
                  {alert.state === 'firing' && !alert.silenced_by && (
                    <SilenceButton alertType={alert.alert_type} small />
                  )}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Resolved() {
  const query = useQuery<{ alerts: AlertView[] }>('alerts resolved', () => '/alerts?state=resolved&limit=200', {
    on: ['alert'],
    every: 60_000,
  });
  return (
    <Answer of={query}>
      {({ alerts }) => {
        const shown = alerts.filter(({ message, alert_type, source }) => matches(message, alert_type, source));
        return shown.length === 0 ? (
          <p class="note">No alert has been resolved in the time that is kept.</p>
        ) : (
          <List alerts={shown.toSorted((a, b) => (b.resolved_at ?? 0) - (a.resolved_at ?? 0))} />
        );
      }}
    </Answer>
  );
}

function Silences({ of }: { of: readonly SilenceView[] }) {
  eachTenSeconds();
  if (of.length === 0)
    return (
      <Empty title="Nothing is silenced." file="terminal" code="cryomon silence high_cpu_usage --duration 3600">
        A silence keeps alerts from telling anybody until it ends, e.g. during maintenance.
      </Empty>
    );
  const now = serverNow();
  return (
    <div class="scroll">
      <table class="rows">
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Reason</th>
            <th scope="col">By</th>
            <th scope="col" class="number">
              Ends
            </th>
            <th scope="col" class="number">
              Left
            </th>
            {mayAct() && (
              <th scope="col">
                <span class="hidden">Actions</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {of.map((silence) => (
            <tr key={silence.id}>
              <th scope="row">
                {silence.alert_type
                  ? words(silence.alert_type)
                  : silence.matchers.map(({ name, op, value }) => `${name}${op}${value}`).join(', ')}
              </th>
              <td>{silence.comment || <span class="weak">none given</span>}</td>
              <td>{silence.created_by}</td>
              <td class="number">{when(silence.ends_at, now)}</td>
              <td class="number">{span(Math.max(0, silence.ends_at - now))}</td>
              {mayAct() && (
                <td class="does">
                  <button type="button" class="small" onClick={() => void endSilence(silence)}>
                    End now
                  </button>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
