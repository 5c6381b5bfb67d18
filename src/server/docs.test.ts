import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { routes } from '../model/api.ts';
import { refusals } from './refusal.ts';
import { table } from './routes/table.ts';

const page = await readFile(new URL('../../docs/api.md', import.meta.url), 'utf8');

test('docs/api.md lists every route with its role and what it answers', () => {
  const documented = [...page.matchAll(/^\| (GET|POST|DELETE) \| `([^`]+)` \| (\w+) \| (.*) \|$/gm)].map((row) =>
    row.slice(1),
  );
  const ours = Object.entries(routes).map(([name, { method, path, role }]) => {
    const summary = table.find((route) => route.name === name)?.summary ?? 'The live stream: server-sent events.';
    return [method, path, role, summary];
  });
  expect(documented).toEqual(ours);
});

test('docs/api.md lists every refusal with its status', () => {
  const documented = [...page.matchAll(/^\| `([a-z-]+)` \| (\d{3}) \|/gm)].map(([, code, status]) => [
    code,
    Number(status),
  ]);
  expect(documented).toEqual(Object.entries(refusals));
});
