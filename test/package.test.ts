/** The package as a user gets it: packed, installed into an empty folder without our tools, and used through every door. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = promisify(execFile);
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  version: string;
  exports: Record<string, unknown>;
  bin: Record<string, string>;
  dependencies: Record<string, string>;
};
const doors = Object.keys(manifest.exports)
  .filter((door) => door !== './package.json')
  .map((door) => `cryoprotect-monitoring${door.slice(1)}`);

/** What an application must not be made to load by `import 'cryoprotect-monitoring'`. */
const heavy =
  /node_modules\/(?!cryoprotect-monitoring\/)|^node:(sqlite|http2|https)$|\/dist\/(server|store|cli|checks|monitor|config)/;

let folder = '';
let files: string[] = [];
const installed = (...path: string[]) => join(folder, 'node_modules', ...path);

/** Runs a piece of JavaScript in the folder and resolves with what it prints. */
async function evaluate(code: string): Promise<string> {
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code], { cwd: folder });
  return stdout.trim();
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'package-'));
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'user', version: '1.0.0', type: 'module', private: true }),
  );
  // The build is there already (`npm test` made it), and made again it would pull the rug from under tests that run beside this one.
  const packed = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], { cwd: root });
  const [tarball] = JSON.parse(packed.stdout) as [{ filename: string; files: { path: string }[] }];
  files = tarball.files.map(({ path }) => path);
  const args = ['install', '--omit=dev', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  await run('npm', [...args, join(folder, tarball.filename)], { cwd: folder });
}, 180_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the packed package', () => {
  test('has the dashboard, the licence and no tests', () => {
    expect(files).toEqual(
      expect.arrayContaining(['LICENSE', 'README.md', 'CHANGELOG.md', 'dist/agent.js', 'dist/agent.d.ts']),
    );
    expect(files.some((file) => /^dist\/dashboard\/.*\.js/.test(file))).toBe(true);
    expect(files.filter((file) => /\.test\.|^src\/|^test\/|^scripts\//.test(file))).toEqual([]);
  });

  test.each(doors.filter((door) => !door.endsWith('/testing')))('opens %s without development tools', async (door) => {
    const names = JSON.parse(
      await evaluate(`console.log(JSON.stringify(Object.keys(await import('${door}'))))`),
    ) as string[];
    expect(names.length).toBeGreaterThan(0);
    expect(names).not.toContain('default');
  });

  test('says what is missing when the contract suites are opened without vitest', async () => {
    await expect(evaluate(`await import('cryoprotect-monitoring/testing')`)).rejects.toThrow(/vitest/);
  });

  test('stays light through its main door', async () => {
    const code = `
      import { registerHooks } from 'node:module';
      const seen = [];
      registerHooks({ resolve(name, context, next) { const found = next(name, context); seen.push(found.url); return found; } });
      await import('cryoprotect-monitoring');
      console.log(JSON.stringify(seen));`;
    const seen = JSON.parse(await evaluate(code)) as string[];
    expect(seen.length).toBeGreaterThan(3);
    const inside = installed('cryoprotect-monitoring').replaceAll('\\', '/');
    expect(seen.map((url) => url.replace(`file://${inside}`, '')).filter((url) => heavy.test(url))).toEqual([]);
  });

  test.each(Object.keys(manifest.bin))('has the command %s', async (name) => {
    const { stdout } = await run(installed('.bin', name), ['--version'], { cwd: folder });
    expect(stdout).toContain(manifest.version);
  });

  test('brings no native code and no optional driver', async () => {
    const lock = JSON.parse(readFileSync(installed('.package-lock.json'), 'utf8')) as {
      packages: Record<string, { hasInstallScript?: boolean }>;
    };
    const scripts = Object.entries(lock.packages).filter(([, entry]) => entry.hasInstallScript === true);
    expect(scripts.map(([path]) => path)).toEqual([]);
    for (const driver of ['pg', 'mysql2', 'redis', 'ioredis', 'mongodb', 'vitest'])
      expect(existsSync(installed(driver))).toBe(false);
  });
});
