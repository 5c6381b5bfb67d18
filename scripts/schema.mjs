/**
 * `npm run schema` writes docs/configuration.schema.json from the schema that the monitor checks its configuration with.
 * With `--check` it only compares, for `npm run check`.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { main, root, say } from './setup.mjs';

await main(import.meta.url, async (args) => {
  const { configurationJsonSchema } = await import('../src/configuration.ts');
  const file = join(root, 'docs', 'configuration.schema.json');
  const fresh = `${JSON.stringify(configurationJsonSchema(), null, 2)}\n`;
  const current = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (current === fresh) return;
  if (args.includes('--check')) {
    throw new Error('docs/configuration.schema.json is not what the code says. Run: npm run schema');
  }
  writeFileSync(file, fresh);
  say('Wrote docs/configuration.schema.json.');
});
