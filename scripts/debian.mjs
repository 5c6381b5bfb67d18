/**
 * The real servers and the browser that the tests run against, from Debian's packages. Only what is missing is installed, and nothing is
 * started: the tests start their own copies on free ports with data of their own.
 */
import { accessSync, constants, existsSync, rmSync, writeFileSync } from 'node:fs';
import { run, say } from './setup.mjs';

/** What the tests need: a file that the package brings, so that the question costs nothing, and the package. */
const needed = [
  ['/usr/share/doc/postgresql', 'postgresql'],
  ['/usr/sbin/mariadbd', 'mariadb-server'],
  ['/usr/bin/redis-server', 'redis-server'],
  ['/usr/sbin/exim4', 'exim4-daemon-light'],
  ['/usr/bin/prometheus', 'prometheus'],
  ['/usr/bin/prometheus-alertmanager', 'prometheus-alertmanager'],
  ['/usr/bin/chromium', 'chromium'],
  ['/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf', 'fonts-dejavu-core'],
];
const policy = '/usr/sbin/policy-rc.d';

function isDebian() {
  try {
    accessSync('/usr/bin/apt-get', constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function apt(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return run('apt-get', ['-o', 'DPkg::Lock::Timeout=300', '-qq', ...args], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** Installs the missing packages. On another system, or without the right to install, it says what is missing and goes on. */
export async function installServers() {
  const missing = needed.filter(([file]) => !existsSync(file)).map(([, name]) => name);
  if (missing.length === 0) return;
  if (!isDebian() || process.getuid?.() !== 0) {
    say(
      `Not installed: ${missing.join(', ')}. The tests that need them will fail; install them as root and run again.`,
    );
    return;
  }
  say(`Installing from Debian: ${missing.join(', ')} (once, a few minutes).`);
  // Debian starts a service when its package arrives, unless this file says no. We use the existing one if there is one.
  const ours = !existsSync(policy);
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    if ((await apt('update')) !== 0) say('apt-get update failed; trying with the lists as they are.');
    const code = await apt('install', '-y', '--no-install-recommends', ...missing);
    if (code !== 0) throw new Error(`apt-get install ended with code ${code}; its messages are above.`);
  } finally {
    if (ours) rmSync(policy, { force: true });
  }
}
