import '../style/rules.css';
import { useSignal } from '@preact/signals';
import type { RuleView } from '../../model/api.ts';
import { useQuery } from '../data/query.ts';
import { eachTenSeconds, serverNow } from '../data/time.ts';
import { Answer } from '../show/answer.tsx';
import { ago, plural, words } from '../show/format.ts';
import { matches } from '../show/page.tsx';
import { Status } from '../show/status.tsx';
import { RulePast } from './rule-past.tsx';

const origins: Record<RuleView['origin'], string> = {
  'built-in': 'built in',
  configuration: 'configured',
  code: 'in code',
};
/** Rules that want something first, then those of the user, then the rest. */
const rank: Record<RuleView['health'], number> = { firing: 0, error: 1, pending: 2, 'no-data': 3, ok: 4 };

/** Which rules make alerts, how does each stand, and what did it do? */
export function Rules() {
  eachTenSeconds();
  const query = useQuery<{ rules: RuleView[] }>('rules', () => '/rules', { on: ['alert'], every: 30_000 });
  const open = useSignal<string | null>(null);
  return (
    <Answer of={query}>
      {({ rules }) => (
        <div class="scroll">
          <table class="rows rules">
            <thead>
              <tr>
                <th scope="col">State</th>
                <th scope="col">Rule</th>
                <th scope="col">Fires when</th>
                <th scope="col" class="number">
                  Evaluated
                </th>
                <th scope="col" class="does">
                  <span class="hidden">Actions</span>
                </th>
              </tr>
            </thead>
            {rules
              .filter(({ id, alert_type, condition, explanation, source }) =>
                matches(id, words(alert_type), condition, explanation, source),
              )
              .toSorted((a, b) => rank[a.health] - rank[b.health] || own(b) - own(a) || (a.id < b.id ? -1 : 1))
              .map((rule) => (
                <tbody key={rule.id}>
                  <Row
                    rule={rule}
                    isOpen={open.value === rule.id}
                    toggle={() => {
                      open.value = open.value === rule.id ? null : rule.id;
                    }}
                  />
                  {open.value === rule.id && (
                    <tr class="past">
                      <td colSpan={5}>
                        <RulePast rule={rule} />
                      </td>
                    </tr>
                  )}
                </tbody>
              ))}
          </table>
        </div>
      )}
    </Answer>
  );
}

const own = (rule: RuleView) => Number(rule.origin !== 'built-in');

function Row({ rule, isOpen, toggle }: { rule: RuleView; isOpen: boolean; toggle: () => void }) {
  return (
    <tr>
      <td>{stateOf(rule)}</td>
      <th scope="row">
        {rule.origin === 'built-in' ? words(rule.id) : rule.id}
        <p class="weak">
          {rule.source}, {origins[rule.origin]}
          {rule.runbook !== null && (
            <>
              {', '}
              <a href={rule.runbook} rel="noreferrer noopener" target="_blank">
                runbook
              </a>
            </>
          )}
        </p>
      </th>
      <td class="prose">
        {rule.condition}
        {rule.explanation !== '' && <p class="weak">{rule.explanation}</p>}
        {rule.last_error !== null && <p class="problem">{rule.last_error}</p>}
        {rule.overflow > 0 && (
          <p class="problem">{plural(rule.overflow, 'alert', 'alerts')} found no room within its limit.</p>
        )}
      </td>
      <td class="number">
        {rule.every_seconds === null ? (
          <span class="weak" title="It looks whenever something happens.">
            on events
          </span>
        ) : (
          ago(rule.last_evaluated_at, serverNow())
        )}
      </td>
      <td class="does">
        <button type="button" class="small" aria-expanded={isOpen} onClick={toggle}>
          {isOpen ? 'Close' : 'Last 7 days'}
        </button>
      </td>
    </tr>
  );
}

function stateOf({ health, firing, pending }: RuleView) {
  if (health === 'firing') return <Status state="firing" word={firing === 1 ? 'Firing' : `${firing} firing`} />;
  if (health === 'pending') return <Status state="pending" word={pending === 1 ? 'Pending' : `${pending} pending`} />;
  if (health === 'no-data') return <Status state="unknown" quiet word="No data" />;
  if (health === 'error') return <Status state="error" word="Cannot be evaluated" />;
  return <Status state="ok" quiet />;
}
