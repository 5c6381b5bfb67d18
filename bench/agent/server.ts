/** An Express app, bare or watched, that tells how much CPU it has used. Started by `bench/agent.ts`. */
import express from 'express';
import { attach } from '../../src/agent/adapter.ts';
import { defaultAgentSettings } from '../../src/agent/agent-settings.ts';
import { AgentCore } from '../../src/agent/core.ts';
import { RequestWatcher } from '../../src/agent/request.ts';

const app = express();
const variant = process.argv[2];
if (variant !== 'bare') {
  const core = new AgentCore();
  core.apply({
    ...defaultAgentSettings,
    observability: { ...defaultAgentSettings.observability, tracing_enabled: variant === 'full' },
  });
  core.start({
    send: () => undefined,
    farewell: () => undefined,
    close: () => Promise.resolve(),
    stats: { queued: 0, delivered: 0, takeLost: () => ({}) },
  });
  attach(app, new RequestWatcher(core));
}
app.get('/users/:id', async (req, res) => {
  await new Promise((resolve) => setImmediate(resolve));
  res.json({ id: req.params.id });
});
const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send!({ port: typeof address === 'object' && address ? address.port : 0 });
});
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send!({ cpu: user + system });
});
