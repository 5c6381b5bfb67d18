import type { HttpBindings } from '@hono/node-server';
import type { Context, Hono } from 'hono';
import type { Episode } from '../model/alert.ts';
import { formatDuration } from '../model/duration.ts';
import type { Room } from './route.ts';

const path = '/monitoring/acknowledge';
/** Longest name and note that are kept. */
const longestName = 100;
const longestNote = 1000;

/**
 * The page behind the link of a notification. It works without a login: the signature in the address is the permission. Looking at it
 * changes nothing, because mail scanners open every link; the button acknowledges.
 */
export function mountAcknowledgePage(app: Hono<{ Bindings: HttpBindings }>, room: Room): void {
  app.get(`${path}/style.css`, (c) => c.body(style, 200, { 'content-type': 'text/css; charset=utf-8' }));
  app.get(`${path}/:token`, async (c) => {
    const found = await lookUp(room, c);
    return 'refused' in found ? found.refused : answer(c, 200, ...stateOf(found.episode, room));
  });
  app.post(`${path}/:token`, async (c) => {
    const found = await lookUp(room, c);
    if ('refused' in found) return found.refused;
    const { episode } = found;
    if (episode.state === 'resolved' || episode.acknowledged) return answer(c, 200, ...stateOf(episode, room));
    const { name, note } = await readForm(c);
    const by = name === '' ? 'somebody with the link' : name;
    const acknowledged = await room.options.alerts.acknowledge(episode.id, by, note);
    return answer(c, 200, ...stateOf(acknowledged ?? episode, room));
  });
}

/** The alert that the link is about, or the page that says why there is none. */
async function lookUp(room: Room, c: Context): Promise<{ episode: Episode } | { refused: Response }> {
  const { options } = room;
  const ticket = options.acknowledgeLink?.(c.req.param('token') ?? '') ?? { valid: false, why: 'wrong' };
  if (!ticket.valid) {
    const expired = ticket.why === 'expired';
    return {
      refused: answer(
        c,
        expired ? 410 : 403,
        expired ? 'This link has expired.' : 'This link is not valid.',
        `<p>${expired ? 'Links in notifications work for a limited time.' : 'It was changed on the way, or another monitor made it.'}
<a href="/monitoring/alerts">Open the dashboard</a> to acknowledge the alert there.</p>`,
      ),
    };
  }
  const { episodeId } = ticket;
  const episode =
    options.alerts.active().find(({ id }) => id === episodeId) ?? (await options.state.get('episodes', episodeId));
  if (episode) return { episode };
  return { refused: answer(c, 404, 'This alert is not known any more.', '<p>It is over and was forgotten.</p>') };
}

/** Title and body of the page for an alert as it stands now. */
function stateOf(episode: Episode, { options }: Room): [string, string] {
  const since = formatDuration(Math.max(0, options.clock.now() - episode.startedAt));
  const about = `<p class="what"><strong>${safe(episode.severity.toUpperCase())}</strong> ${safe(episode.message)}</p>
<p>${safe(episode.alertType)} from ${safe(episode.source)}, since ${since}.
<a href="/monitoring/alerts/${encodeURIComponent(episode.id)}">Open the alert</a></p>`;
  if (episode.state === 'resolved') return ['This alert is over.', about];
  if (episode.acknowledged) {
    const { by, note } = episode.acknowledged;
    return [`Acknowledged by ${by}.`, `${about}${note === '' ? '' : `<p>“${safe(note)}”</p>`}`];
  }
  const form = `<form method="post">
<label>Your name <input name="name" maxlength="${longestName}" autocomplete="name"></label>
<label>Note <input name="note" maxlength="${longestNote}"></label>
<button>Acknowledge</button>
</form>`;
  return [
    'Acknowledge this alert?',
    `${about}${form}<p>The others are told that you have it; nobody is called further.</p>`,
  ];
}

async function readForm(c: Context): Promise<{ name: string; note: string }> {
  const length = Number(c.req.header('content-length') ?? 0);
  const form = /^application\/x-www-form-urlencoded\b/i.test(c.req.header('content-type') ?? '');
  const fields = form && length <= 20_000 ? new URLSearchParams(await c.req.text()) : new URLSearchParams();
  const tidy = (name: string, most: number) =>
    (fields.get(name) ?? '')
      .replaceAll(/[\p{Cc}\s]+/gu, ' ')
      .trim()
      .slice(0, most);
  return { name: tidy('name', longestName), note: tidy('note', longestNote) };
}

/** The whole page; programs that ask for JSON get the title alone. */
function answer(c: Context, status: 200 | 403 | 404 | 410, title: string, body: string): Response {
  const headers = { 'cache-control': 'no-store', 'x-robots-tag': 'noindex' };
  if (/^application\/json/i.test(c.req.header('accept') ?? '')) {
    const code = { 403: 'not-allowed', 404: 'not-found', 410: 'not-found' } as const;
    return status === 200
      ? c.json({ message: title }, 200, headers)
      : c.json({ error: { code: code[status], message: title } }, status, headers);
  }
  return c.html(
    `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${safe(title)}</title>
<link rel="stylesheet" href="${path}/style.css">
<main>
<h1>${safe(title)}</h1>
${body}
</main>
</html>
`,
    status,
    headers,
  );
}

function safe(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** The browser's own colours: the page must be readable on any device, light or dark, before anybody has logged in. */
const style = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0; padding: 24px; }
main { max-width: 36rem; margin: 0 auto; }
h1 { font-size: 1.5rem; line-height: 1.25; }
.what { padding-inline-start: 12px; border-inline-start: 4px solid currentColor; overflow-wrap: anywhere; }
form { display: grid; gap: 12px; margin-block: 24px; }
label { display: grid; gap: 4px; }
input, button { font: inherit; padding: 8px 12px; min-height: 44px; box-sizing: border-box; }
button { justify-self: start; font-weight: 600; cursor: pointer; }
`;
