import { useEffect, useErrorBoundary, useState } from 'preact/hooks';
import { useOverview } from '../data/overview.ts';
import { request, session } from '../data/request.ts';
import { pageId, route } from '../data/route.ts';
import { disconnect, pulse } from '../data/stream.ts';
import { Overview } from '../pages/overview.tsx';
import { Icon } from '../show/icons.tsx';
import { lazy } from './lazy.tsx';
import { isStale, Live, StaleBanner } from './live.tsx';
import { Nav } from './nav.tsx';
import { attempt, Notices } from './notices.tsx';
import { type Page, pages } from './pages.ts';
import { RangePicker } from './range-picker.tsx';
import { helpOpen } from './shortcuts.ts';
import { useTabTitle } from './tab.ts';
import { nextTheme, theme } from './theme.ts';

const Login = lazy(async () => (await import('./login.tsx')).Login);
const Help = lazy(async () => (await import('./help.tsx')).Help);

/** The whole page: the login, or the frame with one page in it. */
export function App() {
  const who = session.value;
  if (who?.login_required && !who.authenticated) return <Login />;
  return (
    <div class="frame">
      {/* biome-ignore lint/a11y/useValidAnchor: it is the way to the content, as everywhere */}
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          // The address after # is the view: it must not become #main.
          event.preventDefault();
          document.getElementById('main')?.focus();
        }}
      >
        Skip to the content
      </a>
      <Top />
      <Nav />
      <main id="main" tabIndex={-1} class={isStale() ? 'stale' : ''}>
        <StaleBanner />
        <Current />
      </main>
      <Notices />
      {helpOpen.value && <Help />}
    </div>
  );
}

function Top() {
  const overview = useOverview();
  const self = pulse.value?.self ?? overview.data.value?.self;
  const where = overview.data.value?.agents.find(({ state }) => state !== 'gone')?.service;
  const icon = ({ system: 'screen', light: 'sun', dark: 'moon' } as const)[theme.value];
  return (
    <header class="top">
      <a class="brand" href="#/" title={self ? `Version ${self.version}` : undefined}>
        <svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
          <path d="M10 1v18M2.2 5.5l15.6 9M17.8 5.5l-15.6 9M10 4.5 7.8 2.6M10 4.5l2.2-1.9M10 15.5l-2.2 1.9M10 15.5l2.2 1.9" />
        </svg>
        <b>CryoProtect</b> <span>Monitoring</span>
      </a>
      {where && <span class="where">{where}</span>}
      <RangePicker />
      <Live />
      <div class="tools">
        <button
          type="button"
          class="bare keyboard"
          aria-label="Keyboard shortcuts"
          title="Keyboard shortcuts  ?"
          onClick={() => (helpOpen.value = true)}
        >
          <Icon name="keyboard" />
        </button>
        <button
          type="button"
          class="bare"
          aria-label={`Theme: ${theme.value}`}
          title={`Theme: ${theme.value}  t`}
          onClick={nextTheme}
        >
          <Icon name={icon} />
        </button>
        {session.value?.login_required && (
          <button
            type="button"
            class="bare"
            aria-label={`Sign out ${session.value.user ?? ''}`}
            title={`Sign out ${session.value.user ?? ''} (${session.value.role})`}
            onClick={() =>
              void attempt(async () => {
                await request('/logout', { method: 'POST' });
                disconnect();
                session.value = { authenticated: false, user: null, role: null, login_required: true };
              })
            }
          >
            <Icon name="leave" />
          </button>
        )}
      </div>
    </header>
  );
}

/** Pages that were opened once; their code is not asked for again. */
const loaded = new Map<string, Page>([['overview', Overview]]);

function Current() {
  const id = pageId.value;
  const entry = pages.find((page) => page.id === id);
  const [, again] = useState(0);
  const [broken, reset] = useErrorBoundary();
  useTabTitle(entry?.title ?? 'Not found');
  useEffect(() => {
    reset();
    if (!entry || loaded.has(id)) return;
    let gone = false;
    void entry
      .load()
      .then((page) => {
        loaded.set(id, page);
        if (!gone) again((count) => count + 1);
      })
      .catch(() => location.reload());
    return () => {
      gone = true;
    };
  }, [id]);
  useEffect(() => {
    scrollTo(0, 0);
  }, [route.value.path.join('/')]);
  if (broken)
    return (
      <section class="page">
        <h1>This page could not be drawn</h1>
        <p class="lead">{String(broken)}</p>
        <button type="button" onClick={() => reset()}>
          Try again
        </button>
      </section>
    );
  if (!entry)
    return (
      <section class="page">
        <h1>There is no such page</h1>
        <p class="lead">
          The address names <code>{id}</code>. <a href="#/">Go to the overview</a>
        </p>
      </section>
    );
  const Found = loaded.get(id);
  return Found ? <Found key={id} id={route.value.path[1]} /> : <div class="page loading" aria-busy="true" />;
}
