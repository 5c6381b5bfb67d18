/** Gentle traffic: a few requests a second, in the proportions that the laboratory's real application sees. */
import { setTimeout as sleep } from 'node:timers/promises';
import { experiments, mixtures, molecules } from './molecules.ts';

const any = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)]!;

/** How often each kind of request comes, and how it is made. */
const requests: readonly (readonly [weight: number, method: 'GET' | 'POST', path: () => string])[] = [
  [378, 'GET', () => `/api/v1/molecules/${any(molecules).id}`],
  [125, 'GET', () => '/api/v1/molecules'],
  [95, 'POST', () => `/api/v1/molecules/${any(molecules).id}/calculate-properties`],
  [60, 'GET', () => '/api/v1/mixtures'],
  [42, 'GET', () => `/api/v1/mixtures/${any(mixtures).id}/properties`],
  [30, 'GET', () => `/api/v1/mixtures/${any(mixtures).id}/experiments`],
  [25, 'GET', () => '/api/v1/experiments'],
  [20, 'GET', () => `/api/v1/experiments/${any(experiments).id}/viability`],
  [18, 'GET', () => `/api/v1/compare-properties?ids=${any(molecules).id},${any(molecules).id}`],
  [12, 'POST', () => `/api/v1/mixtures/${any(mixtures).id}/optimize`],
  [4, 'GET', () => '/api/v1/molecules/999'],
  [3, 'GET', () => '/api/v1/experiments/999/viability'],
];
const totalWeight = requests.reduce((sum, [weight]) => sum + weight, 0);

function choose() {
  let left = Math.random() * totalWeight;
  for (const request of requests) {
    left -= request[0];
    if (left < 0) return request;
  }
  return requests[0]!;
}

export interface Traffic {
  stop(): Promise<void>;
}

/** Sends requests to an application until it is stopped, with pauses as between people: now and then several at once. */
export function startTraffic(url: string, perSecond: number): Traffic {
  const stopped = new AbortController();
  const open = new Set<Promise<void>>();
  // Each kind comes once at first, so that nothing on the dashboard has to wait for chance.
  const first = [...requests];
  const send = async () => {
    const [, method, path] = first.shift() ?? choose();
    try {
      const response = await fetch(`${url}${path()}`, { method, signal: stopped.signal });
      await response.arrayBuffer();
    } catch {
      // The application answers with errors of its own; what fails here is the end of the demo.
    }
  };
  const running = (async () => {
    while (!stopped.signal.aborted) {
      const one = send().finally(() => open.delete(one));
      open.add(one);
      const pause = (-Math.log(1 - Math.random()) * 1000) / perSecond;
      await sleep(pause, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  })();
  return {
    async stop() {
      stopped.abort();
      await Promise.all([running, ...open]);
    },
  };
}
