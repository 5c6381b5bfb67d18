/** `npm run demo`: sets everything up, then runs the CryoProtect demo application with the monitor in it. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuild, main, root } from './setup.mjs';

await main(import.meta.url, async () => {
  await ensureBuild();
  await import('./one-signal.mjs');
  await import(pathToFileURL(join(root, 'examples', 'demo', 'main.ts')).href);
});
