/**
 * The dashboard: browser code. In: the API's JSON and the live stream. Out: what a person sees.
 * It formats; whatever is computed is computed by the server. It talks to no other host.
 */
import { render } from 'preact';
import { loadSession } from './data/request.ts';
import { connect } from './data/stream.ts';
import { startClock } from './data/time.ts';
import { App } from './frame/app.tsx';
import { startShortcuts } from './frame/shortcuts.ts';
import { startTheme } from './frame/theme.ts';
import './style/index.css';

startTheme();
startClock();
startShortcuts();
render(<App />, document.getElementById('root')!);
void loadSession().catch(() => undefined);
connect();
