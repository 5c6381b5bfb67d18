/**
 * `npm run build`: compiles `src` to `dist` (tsc), builds the dashboard into it (vite), makes the commands executable.
 * Everything is built beside the old `dist`, which is replaced at the end: a failed build never leaves half a package.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { binaries, main, rememberBuild, root, run, say, sourceFingerprint } from './setup.mjs';

const fresh = join(root, `.dist-${process.pid}`);

/** The folder stands where `dist` will stand, so that the relative paths in source maps are right. */
async function compile() {
  const code = await run(join(binaries, 'tsc'), ['-p', 'tsconfig.build.json', '--outDir', fresh]);
  if (code !== 0) throw new Error('tsc found errors; they are above.');
}

async function bundleDashboard() {
  const config = join(root, 'src', 'dashboard', 'vite.config.ts');
  if (!existsSync(config)) return say('There is no src/dashboard/vite.config.ts; the dashboard is left out.');
  const args = [
    'build',
    '--config',
    config,
    '--outDir',
    join(fresh, 'dashboard'),
    '--emptyOutDir',
    '--logLevel',
    'warn',
  ];
  const code = await run(join(binaries, 'vite'), args);
  if (code !== 0) throw new Error('vite could not build the dashboard; its messages are above.');
}

function makeCommandsExecutable() {
  const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const file of new Set(Object.values(bin))) chmodSync(join(root, file), 0o755);
}

await main(import.meta.url, async () => {
  const fingerprint = sourceFingerprint();
  mkdirSync(fresh, { recursive: true });
  try {
    await Promise.all([compile(), bundleDashboard()]);
    const old = `${fresh}-old`;
    if (existsSync(join(root, 'dist'))) renameSync(join(root, 'dist'), old);
    renameSync(fresh, join(root, 'dist'));
    rmSync(old, { recursive: true, force: true });
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  makeCommandsExecutable();
  rememberBuild(fingerprint);
});
