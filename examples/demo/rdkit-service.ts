/**
 * Stands in for the RDKit micro-service: it counts what can be counted from a formula and a SMILES string, and takes its time, as the real
 * one does. Now and then it is slow, or fails.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export type Mood = 'well' | 'slow' | 'failing';

export interface Properties {
  readonly molar_mass: number;
  readonly heavy_atoms: number;
  readonly hetero_atoms: number;
  readonly rings: number;
}

const weights: Readonly<Record<string, number>> = { C: 12.011, H: 1.008, N: 14.007, O: 15.999, S: 32.06 };

/** Counts a molecule's atoms and rings. Throws for an element it does not know. */
export function propertiesOf(formula: string, smiles: string): Properties {
  const counts = new Map<string, number>();
  for (const [, element, count] of formula.matchAll(/([A-Z][a-z]?)(\d*)/g)) {
    counts.set(element!, (counts.get(element!) ?? 0) + Number(count || 1));
  }
  let mass = 0;
  for (const [element, count] of counts) {
    const weight = weights[element];
    if (weight === undefined) throw new Error(`unknown element ${element} in ${formula}`);
    mass += weight * count;
  }
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const heavy = total - (counts.get('H') ?? 0);
  return {
    molar_mass: Number(mass.toFixed(2)),
    heavy_atoms: heavy,
    hetero_atoms: heavy - (counts.get('C') ?? 0),
    // Each ring is closed by a pair of equal digits.
    rings: (smiles.match(/\d/g) ?? []).length / 2,
  };
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString() || '{}');
}

const delays: Readonly<Record<Mood, readonly [from: number, to: number]>> = {
  well: [30, 140],
  slow: [900, 2600],
  failing: [200, 900],
};

export interface RdkitService {
  readonly url: string;
  mood: Mood;
  stop(): Promise<void>;
}

/** Starts the service on a free port. */
export async function startRdkitService(): Promise<RdkitService> {
  const service = { mood: 'well' as Mood };
  const server = createServer(async (request, response) => {
    const answer = (status: number, body: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    const [from, to] = delays[service.mood];
    try {
      if (request.url === '/health') {
        if (service.mood !== 'well') await sleep(from);
        return answer(200, { status: 'ok', rdkit_available: true });
      }
      const { formula, smiles } = (await bodyOf(request)) as { formula: string; smiles: string };
      await sleep(from + Math.random() * (to - from));
      if (service.mood === 'failing' && Math.random() < 0.4) return answer(503, { error: 'worker pool exhausted' });
      return answer(200, propertiesOf(formula, smiles));
    } catch (error) {
      return answer(400, { error: String(error) });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The system gave no free port.');
  return Object.assign(service, {
    url: `http://127.0.0.1:${address.port}`,
    async stop() {
      server.closeAllConnections();
      server.close();
    },
  });
}
