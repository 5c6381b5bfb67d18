import '../style/databases.css';
import type { ComponentChildren } from 'preact';
import type { CheckView } from '../../model/api.ts';
import { serverNow } from '../data/time.ts';
import { inline, plural, span, text, when, words } from '../show/format.ts';
import { Facts } from '../show/page.tsx';

type Session = {
  pid: number;
  who: string;
  state: string;
  wait?: string;
  seconds: number;
  transaction_seconds?: number;
  statement: string;
};
type Blocked = Session & { blocked_by: number[] };
type Statement = { statement: string; calls: number; total_ms: number; mean_ms: number };
type Snapshot = {
  at: number;
  figures: Record<string, unknown>;
  blocking?: Blocked[];
  activity?: Session[];
  statements?: Statement[];
};
type Evidence = {
  at: number;
  status: string;
  reason: string;
  observed?: Snapshot;
  before?: Snapshot;
  recovered_at?: number;
};
type Cost = { statements: number; connections: number; seconds: number; since_at: number };

/** What is shown here and not among the plain facts of the check. */
export const structured = new Set([
  ...['blocking', 'activity', 'statements', 'evidence', 'own_cost', 'replicas', 'replication_slots', 'slow_commands'],
  ...['pool', 'statistics_at'],
]);

/** What a database server says about itself: who blocks whom, what runs, what costs most, and the traces of the last failure. */
export function DatabaseFacts({ check }: { check: CheckView }) {
  const seen = check.seen as {
    blocking?: Blocked[];
    activity?: Session[];
    statements?: { window_seconds: number; list: Statement[] };
    slow_commands?: { command: string; ms: number; at: number }[];
    replicas?: Record<string, unknown>[];
    replication_slots?: Record<string, unknown>[];
    evidence?: Evidence;
    own_cost?: Cost;
  };
  const now = serverNow();
  return (
    <div class="server">
      {seen.evidence && <Traces of={seen.evidence} now={now} />}
      {seen.blocking?.length ? (
        <Part title="Who blocks whom">
          <Tree of={seen.blocking} />
        </Part>
      ) : null}
      {seen.activity?.length ? (
        <Part title="What runs now">
          <Sessions of={seen.activity} />
        </Part>
      ) : null}
      {seen.statements && (
        <Part title={`What cost most in the last ${span(seen.statements.window_seconds * 1000)}`}>
          <Statements of={seen.statements.list} />
        </Part>
      )}
      {seen.slow_commands?.length ? (
        <Part title="Slow commands since the last look">
          <Facts
            of={seen.slow_commands.map(
              ({ command, ms, at }) => [command, `${text(ms, 'ms')}, ${when(at, now)}`] as const,
            )}
          />
        </Part>
      ) : null}
      <Listed title="Replicas" of={seen.replicas} />
      <Listed title="Replication slots" of={seen.replication_slots} />
      {seen.own_cost && <OwnCost of={seen.own_cost} now={now} />}
    </div>
  );
}

function Part({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

/** Those who hold everybody up first, below each those who wait for it. */
function Tree({ of }: { of: readonly Blocked[] }) {
  const known = new Set(of.map(({ pid }) => pid));
  const roots = of.filter(({ blocked_by }) => !blocked_by.some((pid) => known.has(pid)));
  // Everybody waits for somebody: a circle, which the server is about to break.
  return <Branch of={roots.length > 0 ? roots : of.slice(0, 1)} all={of} path={[]} />;
}

function Branch({ of, all, path }: { of: readonly Blocked[]; all: readonly Blocked[]; path: readonly number[] }) {
  return (
    <ul class={path.length === 0 ? 'tree' : undefined}>
      {of.map((one) => {
        const below = all.filter(({ pid, blocked_by }) => blocked_by.includes(one.pid) && !path.includes(pid));
        return (
          <li key={one.pid}>
            <b class={one.blocked_by.length > 0 ? 'warning' : 'error'}>
              {one.blocked_by.length > 0 ? 'waits' : 'holds'}
            </b>{' '}
            {one.who} <span class="weak">({one.pid})</span>, {one.state} for {span(one.seconds * 1000)}
            {one.wait && <span class="weak"> {one.wait}</span>}
            {one.statement && <code>{one.statement}</code>}
            {below.length > 0 && <Branch of={below} all={all} path={[...path, one.pid]} />}
          </li>
        );
      })}
    </ul>
  );
}

function Sessions({ of }: { of: readonly Session[] }) {
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">Session</th>
            <th scope="col">State</th>
            <th scope="col" class="number">
              For
            </th>
            <th scope="col" class="number">
              Transaction
            </th>
            <th scope="col">Statement</th>
          </tr>
        </thead>
        <tbody>
          {of.map((one) => (
            <tr key={one.pid}>
              <th scope="row">
                {one.who} <span class="weak">{one.pid}</span>
              </th>
              <td>
                {one.state}
                {one.wait && <span class="weak"> {one.wait}</span>}
              </td>
              <td class="number">{span(one.seconds * 1000)}</td>
              <td class="number">
                {one.transaction_seconds === undefined ? '–' : span(one.transaction_seconds * 1000)}
              </td>
              <td>
                <code>{one.statement}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Statements({ of }: { of: readonly Statement[] }) {
  if (of.length === 0) return <p class="note">Nothing but this monitor asked it anything.</p>;
  const total = of.reduce((sum, { total_ms }) => sum + total_ms, 0);
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">Statement</th>
            <th scope="col" class="number">
              Calls
            </th>
            <th scope="col" class="number">
              Mean
            </th>
            <th scope="col" class="number">
              Share
            </th>
          </tr>
        </thead>
        <tbody>
          {of.map((one) => (
            <tr key={one.statement}>
              <th scope="row">
                <code>{one.statement}</code>
              </th>
              <td class="number">{text(one.calls, 'count')}</td>
              <td class="number">{text(one.mean_ms, 'ms')}</td>
              <td class="number">{text(total > 0 ? one.total_ms / total : 0, 'ratio')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Listed({ title, of }: { title: string; of: readonly Record<string, unknown>[] | undefined }) {
  if (!of?.length) return null;
  return (
    <Part title={title}>
      <Facts
        of={of.map(
          ({ name, ...rest }) =>
            [
              String(name),
              Object.entries(rest)
                .filter(([, value]) => value !== null)
                .map(([key, value]) => `${words(key)} ${inline(value)}`)
                .join(', '),
            ] as const,
        )}
      />
    </Part>
  );
}

/** What was taken down in the moment in which it got worse. */
function Traces({ of, now }: { of: Evidence; now: number }) {
  const snapshot = of.observed ?? of.before;
  return (
    <section class="traces">
      <h2>The last time it got worse</h2>
      <p>
        {when(of.at, now)}: <b class={of.status}>{of.reason}</b>
        {of.recovered_at === undefined ? ', and it still is.' : `; well again after ${span(of.recovered_at - of.at)}.`}
      </p>
      {snapshot ? (
        <>
          <p class="weak">
            {of.observed
              ? 'What the server said in that moment:'
              : `It could not be asked any more. What it had said ${span(of.at - snapshot.at)} before:`}
          </p>
          {snapshot.blocking?.length ? <Tree of={snapshot.blocking} /> : null}
          {snapshot.activity?.length ? (
            <Sessions of={snapshot.activity} />
          ) : (
            <p class="note">No session was doing anything.</p>
          )}
        </>
      ) : (
        <p class="note">The server had not said anything of itself before.</p>
      )}
    </section>
  );
}

function OwnCost({ of, now }: { of: Cost; now: number }) {
  const minutes = Math.max(1, (now - of.since_at) / 60_000);
  return (
    <p class="note">
      This check has sent {plural(of.statements, 'statement')} over {plural(of.connections, 'connection')} since{' '}
      {when(of.since_at, now)} and waited {text(of.seconds, 'seconds')} for the answers:{' '}
      {text(of.statements / minutes, 'count')} statements and {text((of.seconds * 1000) / minutes, 'ms')} a minute.
    </p>
  );
}
