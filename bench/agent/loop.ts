/** Runs one variant many times and tells what a call costs in CPU time. Started by `bench/agent.ts`. */
import { trace } from '@opentelemetry/api';
import { BatchSpanProcessor, NodeTracerProvider, type SpanExporter } from '@opentelemetry/sdk-trace-node';
import { Histogram, Registry } from 'prom-client';
import { defaultAgentSettings } from '../../src/agent/agent-settings.ts';
import { AgentCore } from '../../src/agent/core.ts';
import type { Channel } from '../../src/model/channel.ts';

const calls = 400_000;
let sum = 0;
const work = (): number => {
  sum += 1;
  return sum;
};

/** The whole agent, flushing every second into a channel that throws everything away. */
function agent(tracing: boolean): () => void {
  const core = new AgentCore();
  core.apply({
    ...defaultAgentSettings,
    observability: { ...defaultAgentSettings.observability, tracing_enabled: tracing },
  });
  const nowhere: Channel = {
    send: () => undefined,
    farewell: () => undefined,
    close: () => Promise.resolve(),
    stats: { queued: 0, delivered: 0, takeLost: () => ({}) },
  };
  core.start(nowhere);
  // Eight names, as prom-client gets eight combinations of labels.
  const names = Array.from({ length: 8 }, (_, index) => `GET /api/v1/molecules/:id ${index}`);
  let at = 0;
  return () => {
    core.track(core.recorder.slot(names[at++ & 7]!, 'other'), 'internal', work);
  };
}

function promClient(): () => void {
  const histogram = new Histogram({
    name: 'operations',
    help: 'x',
    labelNames: ['method', 'route', 'status'],
    registers: [new Registry()],
  });
  const routes = Array.from({ length: 8 }, (_, index) => `/api/v1/molecules/:id ${index}`);
  let at = 0;
  return () => {
    const end = histogram.startTimer({ method: 'GET', route: routes[at++ & 7]!, status: '200' });
    work();
    end();
  };
}

function openTelemetry(): () => void {
  const exporter: SpanExporter = { export: (_spans, done) => done({ code: 0 }), shutdown: () => Promise.resolve() };
  const provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
  provider.register();
  const tracer = trace.getTracer('bench');
  return () => {
    tracer.startActiveSpan('operation', (span) => {
      work();
      span.end();
    });
  };
}

const variants: Record<string, () => () => void> = {
  operation: () => agent(false),
  span: () => agent(true),
  prom: promClient,
  otel: openTelemetry,
};

const call = variants[process.argv[2] ?? '']!();
/** In slices, so that timers, exporters and flushes run as they do in an app. */
async function many(count: number): Promise<void> {
  for (let done = 0; done < count; done += 1000) {
    for (let i = 0; i < 1000; i++) call();
    await new Promise((resolve) => setImmediate(resolve));
  }
}
await many(calls / 2);
const before = process.cpuUsage();
await many(calls);
const { user, system } = process.cpuUsage(before);
process.send!({ ns: ((user + system) * 1000) / calls });
setInterval(() => undefined, 1000);
