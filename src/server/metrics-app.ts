import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { demand, securityHeaders } from './app.ts';
import { createHostTest } from './auth/reachability.ts';
import { metricsText } from './metrics-text.ts';
import { Refusal } from './refusal.ts';
import type { Room } from './route.ts';

/** The second listener: `/metrics` and nothing else, for whoever may view. */
export function createMetricsApp(room: Room, host: string): Hono<{ Bindings: HttpBindings }> {
  const testHost = createHostTest(host, room.options.settings.allowed_hosts);
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.onError((error, c) => {
    if (error instanceof Refusal) return c.json(error.body, error.status as 400, { ...error.headers });
    room.options.log.error({ error }, 'The metrics text could not be made.');
    return c.json({ error: { code: 'internal', message: 'The monitor failed to answer; its log says why.' } }, 500);
  });
  app.get('/metrics', async (c) => {
    testHost(c.req.header('host'));
    demand(room, room.gate.caller({ authorization: c.req.header('authorization'), cookie: undefined }), 'viewer');
    return c.body(await metricsText(room.options), 200, {
      ...securityHeaders,
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
    });
  });
  app.notFound(() => {
    throw new Refusal('not-found', 'Only /metrics is served here.', { path: 'path' });
  });
  return app;
}
