import { useSignal } from '@preact/signals';
import type { Verdict } from '../../model/api.ts';
import { useOverview } from '../data/overview.ts';
import { href, pageId } from '../data/route.ts';
import { Icon } from '../show/icons.tsx';
import { Shape } from '../show/status.tsx';
import { type PageEntry, pages } from './pages.ts';

const spoken: Partial<Record<Verdict, string>> = { warning: 'warning', error: 'failing' };

function Entry({ page, verdict }: { page: PageEntry; verdict: Verdict | undefined }) {
  const current = pageId.value === page.id;
  const word = verdict && spoken[verdict];
  return (
    <a
      href={href(page.id === 'overview' ? [] : [page.id])}
      aria-current={current ? 'page' : undefined}
      title={page.title}
    >
      <Icon name={page.icon} />
      <span class="name">{page.title}</span>
      {word && (
        <span class="mark">
          <Shape tone={verdict as 'warning' | 'error'} size={10} />
          <span class="hidden">, {word}</span>
        </span>
      )}
    </a>
  );
}

/** A column at the side; on a phone a bar at the bottom with the rest behind “More”. */
export function Nav() {
  const overview = useOverview();
  const open = useSignal(false);
  const verdictOf = (id: string) => overview.data.value?.cards.find((card) => card.id === id)?.verdict;
  const rest = pages.filter(({ first }) => !first);
  const restIsBad = rest.some(({ id }) => ['warning', 'error'].includes(verdictOf(id) ?? ''));
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Enter on a link is a click, too
    <nav
      aria-label="Pages"
      class={open.value ? 'open' : ''}
      onClick={(event) => {
        if ((event.target as Element).closest('a')) open.value = false;
      }}
    >
      <ul>
        {pages.map((page) => (
          <li key={page.id} class={page.first ? 'first' : 'rest'}>
            <Entry page={page} verdict={verdictOf(page.id)} />
          </li>
        ))}
        <li class="more">
          <button type="button" aria-expanded={open.value} onClick={() => (open.value = !open.value)}>
            <Icon name={open.value ? 'close' : 'menu'} />
            <span class="name">
              {rest.some(({ id }) => id === pageId.value) ? pages.find(({ id }) => id === pageId.value)?.title : 'More'}
            </span>
            {restIsBad && (
              <span class="mark">
                <Shape tone="warning" size={10} />
              </span>
            )}
          </button>
        </li>
      </ul>
    </nav>
  );
}
