/**
 * What every command needs before it can work: the dependencies as the lock file has them, Node 24 from among them, and a fresh build.
 * Runs on the machine's own Node (20 is enough) and uses nothing but built-ins, because on a fresh clone there is nothing else.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** The folder with the tools' commands, also Node 24's. */
export const binaries = join(root, 'node_modules', '.bin');
/** Node 24, which the project is developed on; it comes as a package. */
export const node24 = join(binaries, 'node');
const buildStamp = join(root, 'node_modules', '.cache', 'cryoprotect-monitoring', 'build');

/** Runs a command with our terminal and resolves with its exit code. */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', ...options });
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? (signal ? 1 : 0)));
  });
}

/** Prints one line about what is being done. */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

function packagesOf(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}

/** True when node_modules is what the lock file says; npm writes its own copy of the lock when it has finished, and only then. */
export function dependenciesAreCurrent() {
  const installed = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installed) || !existsSync(node24)) return false;
  const have = packagesOf(installed);
  const missing = Object.entries(packagesOf(join(root, 'package-lock.json'))).find(
    ([path, entry]) => path !== '' && (path in have ? have[path].version !== entry.version : !entry.optional),
  );
  return missing === undefined;
}

/** The environment with every node_modules folder taken off PATH: while npm replaces them, nothing may be run from there. */
function environmentOutside() {
  const PATH = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'))
    .join(delimiter);
  return { ...process.env, PATH };
}

/** Installs the dependencies when they are missing or the lock file has changed. */
export async function installDependencies() {
  if (dependenciesAreCurrent()) return;
  say('Installing the dependencies (npm ci); this is done once and takes under a minute.');
  // The build is ours to do, in the open: the prepare script would hide its messages.
  const env = { ...environmentOutside(), CRYOMON_SKIP_PREPARE: '1' };
  const code = await run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'], { env });
  if (code !== 0) throw new Error(`npm ci ended with code ${code}; its messages are above.`);
  if (!existsSync(node24)) {
    throw new Error(
      'npm ci left no node_modules/.bin/node. If npm is set to ignore install scripts, run: npm ci --ignore-scripts=false',
    );
  }
}

function filesUnder(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? filesUnder(join(folder, entry.name)) : [join(folder, entry.name)]))
    .sort();
}

/** A fingerprint of everything the build reads. Contents, not times: a copied or checked-out tree has new times. */
export function sourceFingerprint() {
  const files = [
    ...filesUnder(join(root, 'src')).filter((file) => !/\.test\.tsx?$/.test(file)),
    ...['package.json', 'tsconfig.json', 'tsconfig.build.json'].map((name) => join(root, name)),
  ];
  const hash = createHash('sha256');
  for (const file of files) hash.update(relative(root, file)).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

/** True when `dist` was built from the sources as they are. */
export function buildIsCurrent() {
  if (!existsSync(join(root, 'dist', 'cli', 'launcher.js')) || !existsSync(buildStamp)) return false;
  return readFileSync(buildStamp, 'utf8') === sourceFingerprint();
}

/** Remembers that `dist` belongs to the sources with this fingerprint. */
export function rememberBuild(fingerprint) {
  mkdirSync(dirname(buildStamp), { recursive: true });
  writeFileSync(buildStamp, fingerprint);
}

/** Builds `dist` when it is older than the sources. */
export async function ensureBuild() {
  if (buildIsCurrent()) return;
  say('Building (a few seconds).');
  const code = await run(node24, [join(root, 'scripts', 'build.mjs')]);
  if (code !== 0) throw new Error('The build failed; its messages are above.');
}

/**
 * Makes sure that the calling script runs on Node 24: on an older Node it installs what is needed, runs the same script again on Node 24
 * with the same arguments, and never returns.
 */
export async function onNode24(script) {
  await installDependencies();
  if (process.versions.node.startsWith('24.')) return;
  const env = { ...process.env, PATH: `${binaries}${delimiter}${process.env.PATH ?? ''}` };
  const child = spawn(node24, [script, ...process.argv.slice(2)], { stdio: 'inherit', env });
  // Signals are handed on; the one below decides what they mean and we leave when it has left.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  const code = await new Promise((resolve) => child.once('exit', (exit, signal) => resolve(exit ?? (signal ? 1 : 0))));
  process.exit(code);
}

/** Runs a script's main function; what goes wrong becomes one line and exit code 1. */
export async function main(script, body) {
  try {
    await onNode24(fileURLToPath(script));
    await body(process.argv.slice(2));
  } catch (error) {
    say(`✗ ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  }
}
