import { express } from './express.ts';
import type { FrameworkAdapter } from './framework.ts';
import { nodeHttp } from './node-http.ts';
import type { RequestWatcher } from './request.ts';

/** Every framework we know; the first that recognises an app gets it. */
const adapters: readonly FrameworkAdapter[] = [express, nodeHttp];

const attached = new WeakSet<object>();

/** Attaches to an app; the framework's name, or undefined when nobody knows it. The same app again changes nothing. */
export function attach(app: unknown, watcher: RequestWatcher): string | undefined {
  if ((typeof app !== 'object' && typeof app !== 'function') || app === null) return undefined;
  const adapter = adapters.find((candidate) => candidate.recognises(app));
  if (!adapter) return undefined;
  if (!attached.has(app)) {
    attached.add(app);
    adapter.attach(app, watcher);
  }
  return adapter.name;
}
