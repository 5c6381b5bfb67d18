import '../style/endpoints.css';
import type { HeartbeatView } from '../../model/api.ts';
import { useQuery } from '../data/query.ts';
import { href } from '../data/route.ts';
import { serverNow } from '../data/time.ts';
import { ago, plural, span, text } from '../show/format.ts';
import { Status } from '../show/status.tsx';

/** The words of the phases, with the state whose shape and colour they have. */
const phases: Record<HeartbeatView['phase'], readonly [string, string]> = {
  new: ['unknown', 'Not seen yet'],
  ok: ['ok', 'OK'],
  running: ['running', 'Running'],
  due: ['pending', 'Due'],
  late: ['error', 'Missing'],
  failed: ['failed', 'Failed'],
  overrun: ['error', 'Too long'],
};

/** Jobs that must report; nothing at all where none must. */
export function Heartbeats() {
  const query = useQuery<{ heartbeats: HeartbeatView[] }>('heartbeats', () => '/heartbeats', { every: 10_000 });
  const all = query.data.value?.heartbeats ?? [];
  if (all.length === 0) return null;
  const bad = all.filter(({ phase }) => phases[phase][0] === 'error' || phase === 'failed').length;
  return (
    <section class="group heartbeats">
      <h2>Heartbeats</h2>
      <p class="note">
        {bad === 0
          ? `${plural(all.length, 'job')} must report, and ${all.length === 1 ? 'it does' : 'they do'}.`
          : `${bad} of ${plural(all.length, 'job')} that must report ${bad === 1 ? 'needs' : 'need'} attention.`}
      </p>
      <div class="scroll">
        <table class="rows">
          <thead>
            <tr>
              <th scope="col">Job</th>
              <th scope="col">State</th>
              <th scope="col">Schedule</th>
              <th scope="col" class="number">
                Last seen
              </th>
              <th scope="col" class="number">
                Next
              </th>
              <th scope="col" class="number">
                Took
              </th>
            </tr>
          </thead>
          <tbody>
            {all.map((one) => (
              <Row key={one.id} one={one} now={serverNow()} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Row({ one, now }: { one: HeartbeatView; now: number }) {
  const [state, word] = phases[one.phase];
  const bad = state === 'error' || state === 'failed';
  const next = one.expected_at === null ? '–' : one.expected_at < now ? 'overdue' : `in ${span(one.expected_at - now)}`;
  return (
    <tr>
      <th scope="row">
        <a href={href(['endpoints', one.id])}>{one.name}</a>
        <p class={bad ? 'reason error' : 'weak'} title={one.reason}>
          {one.reason}
        </p>
      </th>
      <td>
        <Status state={state} word={word} />
      </td>
      <td>{one.schedule}</td>
      <td class="number">{one.last_seen_at === null ? 'never' : ago(one.last_seen_at, now)}</td>
      <td class="number">{next}</td>
      <td class="number">{one.last_duration_ms === null ? '–' : text(one.last_duration_ms, 'ms')}</td>
    </tr>
  );
}
