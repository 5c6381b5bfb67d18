/** `npm start`: sets everything up, then becomes the monitor. Arguments are the launcher's: `npm start -- --config FILE`. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuild, main, root } from './setup.mjs';

await main(import.meta.url, async (args) => {
  await ensureBuild();
  await import('./one-signal.mjs');
  const launcher = join(root, 'dist', 'cli', 'launcher.js');
  process.argv = [process.argv[0], launcher, ...args];
  await import(pathToFileURL(launcher).href);
});
