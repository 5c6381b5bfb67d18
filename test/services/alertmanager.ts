import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, program, type Service, scratchDirectory, startService } from './process.ts';

/** An alert as the nodes show it. */
export interface ShownAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly status: { readonly state: string };
}

/** One node of a cluster of real Alertmanagers. */
export interface Alertmanager extends Service {
  /** What fires now. */
  alerts(): Promise<ShownAlert[]>;
}

/** Starts nodes that know each other; `webhook` is told of every alert at once, `groupWait` as in their configuration. */
export async function startAlertmanagers(
  count: number,
  options: { readonly webhook?: string; readonly groupWait?: string } = {},
): Promise<Alertmanager[]> {
  const binary = program('prometheus-alertmanager', '/usr/bin/prometheus-alertmanager');
  const gossip = await Promise.all(Array.from({ length: count }, () => freePort()));
  const nodes: Alertmanager[] = [];
  for (let n = 0; n < count; n++) {
    const dir = await scratchDirectory('alertmanager');
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    writeFileSync(join(dir, 'alertmanager.yml'), configuration(options));
    const cluster =
      count === 1
        ? ['--cluster.listen-address=']
        : [
            `--cluster.listen-address=127.0.0.1:${gossip[n]}`,
            ...gossip.filter((_, other) => other !== n).map((other) => `--cluster.peer=127.0.0.1:${other}`),
          ];
    const service = await startService({
      name: 'alertmanager',
      command: binary,
      args: [
        `--config.file=${join(dir, 'alertmanager.yml')}`,
        `--storage.path=${join(dir, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        ...cluster,
      ],
      dir,
      port,
      url,
      ready: async () => {
        if (!(await fetch(`${url}/-/ready`)).ok) throw new Error('not ready');
      },
    });
    nodes.push({
      ...service,
      alerts: async () => (await (await fetch(`${url}/api/v2/alerts`)).json()) as ShownAlert[],
    });
  }
  return nodes;
}

function configuration({ webhook, groupWait = '30s' }: { webhook?: string; groupWait?: string }): string {
  const receiver = webhook === undefined ? '' : `\n    webhook_configs:\n      - url: '${webhook}'`;
  return `route:
  receiver: all
  group_by: ['...']
  group_wait: ${groupWait}
receivers:
  - name: all${receiver}
`;
}
