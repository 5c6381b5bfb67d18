/** A small CryoProtect: molecules, mixtures and experiments over HTTP, with properties computed by the RDKit service. */
import type { MonitoringService } from 'cryoprotect-monitoring';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import type { Database } from './database.ts';
import type { Mixture, Molecule } from './molecules.ts';
import type { Properties, RdkitService } from './rdkit-service.ts';

export interface Parts {
  readonly database: Database;
  readonly rdkit: RdkitService;
  readonly monitor: MonitoringService;
}

/** An error that knows its HTTP status. */
class HttpError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.name = 'HttpError';
    this.status = status;
  }
}

class RdkitError extends Error {
  override readonly name = 'RdkitError';
}

async function calculate({ rdkit, monitor }: Parts, molecule: Molecule): Promise<Properties> {
  return monitor.trackOperation('rdkit.calculate', async () => {
    const response = await fetch(`${rdkit.url}/calculate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ formula: molecule.formula, smiles: molecule.smiles }),
      signal: AbortSignal.timeout(2000),
    });
    if (!response.ok) throw new RdkitError(`RDKit answered ${response.status}`);
    return (await response.json()) as Properties;
  });
}

function found<T>(what: T | undefined, name: string): T {
  if (what === undefined) throw new HttpError(404, `There is no such ${name}.`);
  return what;
}

/** Grams of each component in a litre, and how much of the litre is not water. */
function composition(mixture: Mixture, molecules: readonly Molecule[]) {
  const parts = mixture.components.map(({ molecule, molar }) => {
    const mass = molecules.find(({ name }) => name === molecule)?.molarMass ?? Number.NaN;
    return { molecule, molar, grams_per_litre: Number((mass * molar).toFixed(1)) };
  });
  return { parts, total_molar: Number(parts.reduce((sum, { molar }) => sum + molar, 0).toFixed(2)) };
}

/** Searches proportions for the highest total that stays under a load; on purpose as slow as such searches are. */
function optimize(mixture: Mixture, maxMolar: number) {
  const best = { score: 0, shares: [] as number[] };
  const steps = 90;
  for (let a = 0; a <= steps; a += 1) {
    for (let b = 0; a + b <= steps; b += 1) {
      const shares = [a, b, steps - a - b].map((part) => part / steps).slice(0, mixture.components.length);
      const load = shares.reduce((sum, share, at) => sum + share * (mixture.components[at]?.molar ?? 0), 0);
      const evenness = -shares.reduce((sum, share) => sum + (share > 0 ? share * Math.log(share) : 0), 0);
      const score = load <= maxMolar ? load + evenness : 0;
      if (score > best.score) Object.assign(best, { score, shares });
    }
  }
  return best;
}

function addHealth(app: Express, { database, rdkit }: Parts): void {
  const started = Date.now();
  const ask = async (question: Promise<unknown>) =>
    question.then(
      () => 'ok',
      (error: Error) => error.message,
    );
  app.get('/health/liveness', (_request, response) => response.json({ status: 'ok' }));
  app.get('/health', async (_request, response) => {
    const services = {
      database: await ask(database.molecule(1)),
      rdkit: await ask(fetch(`${rdkit.url}/health`, { signal: AbortSignal.timeout(1500) })),
    };
    const well = Object.values(services).every((answer) => answer === 'ok');
    // 207 is what the real application answers when it works, but not with all its parts.
    const uptime_seconds = Math.round((Date.now() - started) / 1000);
    response.status(well ? 200 : 207).json({ status: well ? 'ok' : 'degraded', uptime_seconds, services });
  });
}

function addMolecules(app: Express, parts: Parts): void {
  const { database } = parts;
  app.get('/api/v1/molecules', async (_request, response) => response.json(await database.molecules()));
  app.get('/api/v1/molecules/:id', async (request, response) => {
    response.json(found(await database.molecule(Number(request.params.id)), 'molecule'));
  });
  app.post('/api/v1/molecules/:id/calculate-properties', async (request, response) => {
    const molecule = found(await database.molecule(Number(request.params.id)), 'molecule');
    response.json({ molecule: molecule.name, properties: await calculate(parts, molecule) });
  });
  app.get('/api/v1/compare-properties', async (request, response) => {
    const ids = String(request.query.ids ?? '')
      .split(',')
      .map(Number);
    const chosen = await Promise.all(ids.map(async (id) => found(await database.molecule(id), 'molecule')));
    const properties = await Promise.all(chosen.map((molecule) => calculate(parts, molecule)));
    response.json(chosen.map(({ name }, at) => ({ name, ...properties[at] })));
  });
}

function addMixtures(app: Express, { database, monitor }: Parts): void {
  const one = async (request: Request) => found(await database.mixture(Number(request.params.id)), 'mixture');
  app.get('/api/v1/mixtures', async (_request, response) => response.json(await database.mixtures()));
  app.get('/api/v1/mixtures/:id', async (request, response) => response.json(await one(request)));
  app.get('/api/v1/mixtures/:id/properties', async (request, response) => {
    response.json(composition(await one(request), await database.molecules()));
  });
  app.get('/api/v1/mixtures/:id/experiments', async (request, response) => {
    response.json(await database.experiments((await one(request)).id));
  });
  app.post('/api/v1/mixtures/:id/optimize', async (request, response) => {
    const mixture = await one(request);
    response.json(monitor.trackOperation('mixture.optimize', () => optimize(mixture, 6)));
  });
  app.get('/api/v1/experiments', async (_request, response) => response.json(await database.experiments()));
  app.get('/api/v1/experiments/:id/viability', async (request, response) => {
    const all = await database.experiments();
    // The bug every application has: nobody thought of an experiment that does not exist.
    const experiment = all.find(({ id }) => id === Number(request.params.id)) as (typeof all)[number];
    response.json({ percent: experiment.viability * 100 });
  });
}

/** Adds the routes to an application that is watched already, and the answer for what goes wrong in them. */
export function addRoutes(app: Express, parts: Parts): void {
  app.use(express.json());
  addHealth(app, parts);
  addMolecules(app, parts);
  addMixtures(app, parts);
  app.post('/hooks/on-call', (_request, response) => response.status(204).end());
  // Four parameters are how Express knows that this handles errors.
  app.use((error: Error, _request: Request, response: Response, _next: NextFunction) => {
    const status = error instanceof HttpError ? error.status : error instanceof RdkitError ? 502 : 500;
    response.status(status).json({ error: error.message });
  });
}
