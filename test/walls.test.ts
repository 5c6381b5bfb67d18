/** The walls hold: each rule is broken on purpose in a small house of its own, and has to say so. */
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = promisify(execFile);
const folders: string[] = [];

/** Builds a house with these files and resolves with `rule: from` of everything the rules say about it. */
async function violations(files: Record<string, string>): Promise<string[]> {
  const house = mkdtempSync(join(tmpdir(), 'walls-'));
  folders.push(house);
  for (const name of ['.dependency-cruiser.mjs', 'tsconfig.json', 'package.json']) {
    copyFileSync(join(root, name), join(house, name));
  }
  symlinkSync(join(root, 'node_modules'), join(house, 'node_modules'));
  for (const [name, text] of Object.entries({ 'src/model/word.ts': 'export const word = 1;', ...files })) {
    mkdirSync(join(house, dirname(name)), { recursive: true });
    writeFileSync(join(house, name), text);
  }
  const args = ['src', '--config', '.dependency-cruiser.mjs', '--output-type', 'json'];
  const { stdout } = await run(join(root, 'node_modules/.bin/depcruise'), args, { cwd: house });
  const { summary } = JSON.parse(stdout) as { summary: { violations: { rule: { name: string }; from: string }[] } };
  return summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`).sort();
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

describe('the walls', () => {
  test('let a room use itself and the model', async () => {
    const files = {
      'src/alerts/a.ts': `import { b } from './b.ts'; export const a = b;`,
      'src/alerts/b.ts': `import { word } from '../model/word.ts'; export const b = word;`,
      'src/monitor.ts': `import { a } from './alerts/a.ts'; export const m = a;`,
    };
    expect(await violations(files)).toEqual([]);
  });

  test('stop a room that imports another, also only a type', async () => {
    const files = {
      'src/alerts/a.ts': `import type { B } from '../notify/b.ts'; export type A = B;`,
      'src/notify/b.ts': 'export type B = 1;',
    };
    expect(await violations(files)).toEqual(['wall-of-alerts: src/alerts/a.ts']);
  });

  test('stop cycles of files', async () => {
    const files = {
      'src/store/a.ts': `import { b } from './b.ts'; export const a = () => b;`,
      'src/store/b.ts': `import { a } from './a.ts'; export const b = () => a;`,
    };
    expect(await violations(files)).toContain('no-cycles: src/store/a.ts');
  });

  test('stop a model that uses anything', async () => {
    const files = {
      'src/model/a.ts': `import { hostname } from 'node:os'; export const a = hostname;`,
      'src/model/b.ts': `import { z } from 'zod'; export const b = z;`,
    };
    expect(await violations(files)).toEqual(['model-is-pure: src/model/a.ts', 'model-is-pure: src/model/b.ts']);
  });

  test('stop a dashboard that uses Node', async () => {
    const files = { 'src/dashboard/a.tsx': `import { readFileSync } from 'node:fs'; export const a = readFileSync;` };
    expect(await violations(files)).toEqual(['dashboard-runs-in-browsers: src/dashboard/a.tsx']);
  });

  test('stop code that uses a test', async () => {
    const files = {
      'src/store/a.ts': `import { b } from './b.contract.ts'; export const a = b;`,
      'src/store/b.contract.ts': 'export const b = 1;',
    };
    expect(await violations(files)).toEqual(['code-does-not-import-tests: src/store/a.ts']);
  });

  test('stop a main door from which something heavy can be reached, over any number of steps', async () => {
    const files = {
      'src/agent.ts': `import { a } from './agent/a.ts'; export const door = a;`,
      'src/agent/a.ts': `import { b } from './b.ts'; export const a = b;`,
      'src/agent/b.ts': `import { DatabaseSync } from 'node:sqlite'; export const b = DatabaseSync;`,
    };
    expect(await violations(files)).toEqual(['light-entry: src/agent.ts']);
  });
});
