/**
 * npm runs this after `npm ci` in a clone and before `npm pack`; it builds when something changed, so that `npx cryomon` works.
 * Without the compiler (`npm ci --omit=dev`) there is nothing to build with, and that is no error. A build that fails breaks `npm pack`,
 * never an installation.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { binaries, ensureBuild, node24, say } from './setup.mjs';

const packing = process.env.npm_command === 'pack' || process.env.npm_command === 'publish';
const canBuild = existsSync(node24) && existsSync(join(binaries, 'tsc'));

if (canBuild && process.env.CRYOMON_SKIP_PREPARE !== '1') {
  try {
    await ensureBuild();
  } catch (error) {
    say(`✗ ${error.message}`);
    if (packing) process.exit(1);
  }
}
