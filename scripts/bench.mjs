/**
 * `npm run bench` lists the benchmarks, `npm run bench -- NAME` runs one and prints a table, `--json` adds one flat JSON object of figures
 * as the last line. A benchmark is a file `bench/NAME.ts` that exports `run({ json })`, which resolves with its figures, and a `title`.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureBuild, main, root } from './setup.mjs';

const names = () =>
  readdirSync(join(root, 'bench'))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => file.slice(0, -3))
    .sort();

const load = (name) => import(pathToFileURL(join(root, 'bench', `${name}.ts`)).href);

async function list() {
  process.stdout.write('Benchmarks; run one with: npm run bench -- NAME [--json]\n');
  for (const name of names()) {
    const { title } = await load(name);
    process.stdout.write(`  ${name.padEnd(14)} ${title ?? ''}\n`);
  }
}

function table(figures) {
  const width = Math.max(...Object.keys(figures).map((name) => name.length));
  for (const [name, value] of Object.entries(figures)) {
    const text = typeof value === 'number' && !Number.isInteger(value) ? value.toPrecision(4) : String(value);
    process.stdout.write(`  ${name.padEnd(width)}  ${text.padStart(12)}\n`);
  }
}

await main(import.meta.url, async (args) => {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { json: { type: 'boolean' } } });
  const json = values.json === true;
  if (positionals.length === 0) return list();
  const unknown = positionals.filter((name) => !names().includes(name));
  if (unknown.length > 0)
    throw new Error(`There is no benchmark ${unknown.join(', ')}; there are ${names().join(', ')}.`);
  await ensureBuild();
  const all = {};
  for (const name of positionals) {
    const figures = await (await load(name)).run({ json });
    process.stdout.write(`${name}\n`);
    table(figures);
    Object.assign(all, figures);
  }
  if (json) process.stdout.write(`${JSON.stringify(all)}\n`);
  process.exit(0);
});
