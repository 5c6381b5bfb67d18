import type { ComponentChildren } from 'preact';
import { route, setParams } from '../data/route.ts';
import { Icon } from './icons.tsx';

/** Head of a page: its name, its answer in one sentence, its tools. */
export function Head({
  title,
  lead,
  back,
  children,
}: {
  title: ComponentChildren;
  lead?: ComponentChildren;
  back?: { href: string; text: string };
  children?: ComponentChildren;
}) {
  return (
    <header class="head">
      {back && (
        <a class="back" href={back.href}>
          <Icon name="back" size={12} /> {back.text}
        </a>
      )}
      <div class="titles">
        <h1>{title}</h1>
        {lead && <p class="lead">{lead}</p>}
      </div>
      {children && <div class="actions">{children}</div>}
    </header>
  );
}

/** The page's filter; its text lives in the address. */
export function Filter({ label, placeholder = 'Filter' }: { label: string; placeholder?: string }) {
  return (
    <input
      type="search"
      class="filter"
      aria-label={label}
      placeholder={`${placeholder}  /`}
      value={route.value.params.get('q') ?? ''}
      onInput={(event) => setParams({ q: event.currentTarget.value })}
    />
  );
}

/** True when every word of the filter occurs in one of the texts. */
export function matches(...texts: readonly (string | null | undefined)[]): boolean {
  const wanted = (route.value.params.get('q') ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  const all = texts.join(' ').toLowerCase();
  return wanted.every((word) => all.includes(word));
}

/** A choice of views inside a page; it lives in the address. */
export function Tabs({
  name,
  label,
  options,
}: {
  name: string;
  label: string;
  options: readonly { id: string; text: string; count?: number | undefined }[];
}) {
  const chosen = route.value.params.get(name) ?? options[0]?.id;
  return (
    <fieldset class="tabs" aria-label={label}>
      {options.map(({ id, text, count }) => (
        <button
          key={id}
          type="button"
          aria-pressed={chosen === id}
          onClick={() => setParams({ [name]: id === options[0]?.id ? undefined : id }, 'push')}
        >
          {text}
          {count !== undefined && <span class="count">{count}</span>}
        </button>
      ))}
    </fieldset>
  );
}

export function chosenTab(name: string, fallback: string): string {
  return route.value.params.get(name) ?? fallback;
}

/** Names and values, aligned. Values that are not there are left out. */
export function Facts({ of }: { of: readonly (readonly [string, ComponentChildren] | null | false)[] }) {
  return (
    <dl class="facts">
      {of.map(
        (fact) =>
          fact && (
            <div key={fact[0]}>
              <dt>{fact[0]}</dt>
              <dd>{fact[1]}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

/** A head cell that sorts. The order lives in the address. */
export function SortHead({
  id,
  text,
  numeric,
  fallback,
}: {
  id: string;
  text: string;
  numeric?: boolean;
  fallback?: boolean;
}) {
  const current = route.value.params.get('sort') ?? (fallback ? id : '');
  const sorted =
    current === id || (fallback && current === '') ? 'descending' : current === `-${id}` ? 'ascending' : undefined;
  return (
    <th scope="col" class={numeric ? 'number' : ''} aria-sort={sorted}>
      <button type="button" class="sort" onClick={() => setParams({ sort: sorted === 'descending' ? `-${id}` : id })}>
        {text}
      </button>
    </th>
  );
}
