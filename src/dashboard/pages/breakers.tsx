import '../style/databases.css';
import type { BreakerView, ChainView } from '../../model/api.ts';
import { useQuery } from '../data/query.ts';
import { href } from '../data/route.ts';
import { eachTenSeconds, serverNow } from '../data/time.ts';
import { hour, span, when } from '../show/format.ts';

type Answer = { from: number; to: number; chains: ChainView[] };

const words: Record<string, string> = {
  closed: 'lets traffic through',
  open: 'open',
  'half-open': 'lets one trial through',
};
const tones: Record<string, string> = { closed: 'ok', open: 'error', 'half-open': 'warning' };

/** What the circuit breakers of the monitor's own chains did in the last day, one band for each connection. */
export function Breakers() {
  eachTenSeconds();
  const query = useQuery<Answer>('breakers', () => '/breakers', { on: ['journal'], every: 60_000 });
  const answer = query.data.value;
  if (!answer) return null;
  const chains = answer.chains.filter(
    ({ connections }) =>
      connections.length > 1 || connections.some(({ state, steps }) => state === 'open' || steps.length > 0),
  );
  if (chains.length === 0) return null;
  return (
    <section class="group breakers">
      <h2>
        Circuit breakers <span class="weak">the last 24 hours</span>
      </h2>
      {chains.map((chain) => (
        <Chain
          key={chain.chain ?? chain.connections[0]?.check_id}
          of={chain}
          from={answer.from}
          to={Math.max(answer.to, serverNow())}
          named={chains.length > 1}
        />
      ))}
    </section>
  );
}

function Chain({ of, from, to, named }: { of: ChainView; from: number; to: number; named: boolean }) {
  return (
    <article>
      {named && of.chain && <h3>{of.chain}</h3>}
      {of.connections.map((connection) => (
        <Band key={connection.check_id} of={connection} from={from} to={to} />
      ))}
      <div class="hours" aria-hidden="true">
        <span>{hour(from)}</span>
        <span>{hour((from + to) / 2)}</span>
        <span>now</span>
      </div>
      {of.moves.length > 0 && (
        <ol class="moves">
          {of.moves
            .slice(-5)
            .reverse()
            .map((move) => (
              <li key={move.at}>
                <time>{when(move.at, to)}</time>{' '}
                {move.to === 'none'
                  ? `nothing works any more, ${move.from} was the last`
                  : `from ${move.from} to ${move.to}`}{' '}
                <span class="weak">{move.reason}</span>
              </li>
            ))}
        </ol>
      )}
    </article>
  );
}

function Band({ of, from, to }: { of: BreakerView; from: number; to: number }) {
  const parts = segments(of, from, to);
  const sentence = parts
    .filter(({ state }) => state !== 'closed')
    .map((part) => `${words[part.state] ?? part.state} from ${when(part.from, to)} for ${span(part.to - part.from)}`)
    .join(', ');
  const trial =
    of.state === 'open' && of.trial_at !== null ? `, a trial in ${span(Math.max(0, of.trial_at - to))}` : '';
  return (
    <div class="breaker">
      <a href={href(['databases', of.check_id])}>{of.name}</a>
      <div class="states" role="img" aria-label={`${of.name}: ${sentence || 'closed all the time'}`}>
        {parts.map((part) => (
          <i
            key={part.from}
            class={tones[part.state] ?? 'unknown'}
            style={{ width: `${((part.to - part.from) / (to - from)) * 100}%` }}
            title={`${words[part.state] ?? part.state}, ${when(part.from, to)} to ${when(part.to, to)}${part.reason ? `: ${part.reason}` : ''}`}
          />
        ))}
      </div>
      <span class={of.state === 'closed' ? 'weak' : (tones[of.state ?? ''] ?? 'weak')}>
        {of.state === null ? 'not asked yet' : of.state}
        {trial}
        {of.active ? ', in use' : ''}
      </span>
    </div>
  );
}

/** A state for every moment of the day; before the first step it was what that step came from. */
function segments({ steps, state }: BreakerView, from: number, to: number) {
  const out: { from: number; to: number; state: string; reason: string }[] = [];
  let at = from;
  let current = steps[0]?.from ?? state ?? 'closed';
  let reason = '';
  for (const step of steps) {
    const next = Math.min(Math.max(step.at, from), to);
    if (next > at) out.push({ from: at, to: next, state: current, reason });
    at = next;
    current = step.to;
    reason = step.reason;
  }
  if (to > at) out.push({ from: at, to, state: current, reason });
  return out;
}
