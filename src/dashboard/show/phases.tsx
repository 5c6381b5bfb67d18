import type { CheckView } from '../../model/api.ts';
import { text } from './format.ts';

/** Where the time of one answer went: a bar, and the same in numbers. */
export function Phases({ phases, compact }: { phases: CheckView['phases']; compact?: boolean }) {
  const total = phases.reduce((sum, { ms }) => sum + ms, 0);
  if (total <= 0) return <span class="weak">–</span>;
  const words = phases.map(({ name, ms }) => `${name} ${text(ms, 'ms')}`).join(', ');
  return (
    <div class={`phases${compact ? ' compact' : ''}`}>
      <div class="bar" role="img" aria-label={words} title={words}>
        {phases.map(({ name, ms }, index) => (
          <i key={name} class={`phase-${(index % 5) + 1}`} style={{ width: `${((ms / total) * 100).toFixed(2)}%` }} />
        ))}
      </div>
      {!compact && (
        <ul>
          {phases.map(({ name, ms }, index) => (
            <li key={name}>
              <i class={`phase-${(index % 5) + 1}`} />
              {name} <b>{text(ms, 'ms')}</b>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
