/** The demo's data: in a PostgreSQL when there is one, in memory otherwise. The application does not know which. */
import type { MonitoringService } from 'cryoprotect-monitoring';
import pg from 'pg';
import { type Experiment, experiments, type Mixture, type Molecule, mixtures, molecules } from './molecules.ts';

export interface Database {
  molecules(): Promise<readonly Molecule[]>;
  molecule(id: number): Promise<Molecule | undefined>;
  mixtures(): Promise<readonly Mixture[]>;
  mixture(id: number): Promise<Mixture | undefined>;
  experiments(mixture?: number): Promise<readonly Experiment[]>;
  /** Keeps a batch of imported compounds. Returns how many were new. */
  importCompounds(ids: readonly number[]): Promise<number>;
  close(): Promise<void>;
}

/** Data in memory. */
export function memoryDatabase(): Database {
  const imported = new Set<number>();
  return {
    molecules: async () => molecules,
    molecule: async (id) => molecules.find((molecule) => molecule.id === id),
    mixtures: async () => mixtures,
    mixture: async (id) => mixtures.find((mixture) => mixture.id === id),
    experiments: async (mixture) => experiments.filter((one) => mixture === undefined || one.mixture === mixture),
    async importCompounds(ids) {
      const before = imported.size;
      for (const id of ids) imported.add(id);
      return imported.size - before;
    },
    close: async () => undefined,
  };
}

const schema = `
  create table molecules (id int primary key, name text not null unique, data jsonb not null);
  create table mixtures (id int primary key, name text not null unique, data jsonb not null);
  create table experiments (id int primary key, mixture int not null references mixtures, data jsonb not null);
  create table compounds (cid int primary key, imported_at timestamptz not null default now());
`;

async function seed(pool: pg.Pool): Promise<void> {
  await pool.query(schema);
  for (const one of molecules) await pool.query('insert into molecules values ($1, $2, $3)', [one.id, one.name, one]);
  for (const one of mixtures) await pool.query('insert into mixtures values ($1, $2, $3)', [one.id, one.name, one]);
  for (const one of experiments) {
    await pool.query('insert into experiments values ($1, $2, $3)', [one.id, one.mixture, one]);
  }
}

/** Creates the tables in an empty PostgreSQL, fills them, and answers from there. Every query is a tracked operation. */
export async function postgresDatabase(url: string, monitor: MonitoringService): Promise<Database> {
  const pool = new pg.Pool({ connectionString: url, max: 8, connectionTimeoutMillis: 2000 });
  // A connection that breaks while idle says so here; the next query opens another one.
  pool.on('error', () => undefined);
  await seed(pool);
  const rows = async <T>(operation: string, text: string, values: unknown[] = []): Promise<T[]> => {
    const answer = await monitor.trackOperation(`db_${operation}`, () => pool.query<{ data: T }>(text, values));
    return answer.rows.map((row) => row.data);
  };
  return {
    molecules: () => rows<Molecule>('molecules.list', 'select data from molecules order by id'),
    molecule: async (id) =>
      (await rows<Molecule>('molecules.find', 'select data from molecules where id = $1', [id]))[0],
    mixtures: () => rows<Mixture>('mixtures.list', 'select data from mixtures order by id'),
    mixture: async (id) => (await rows<Mixture>('mixtures.find', 'select data from mixtures where id = $1', [id]))[0],
    experiments: (mixture) =>
      mixture === undefined
        ? rows<Experiment>('experiments.list', 'select data from experiments order by id')
        : rows<Experiment>('experiments.of_mixture', 'select data from experiments where mixture = $1', [mixture]),
    async importCompounds(ids) {
      const text = 'insert into compounds (cid) select unnest($1::int[]) on conflict do nothing';
      const answer = await monitor.trackOperation('db_compounds.import', () => pool.query(text, [ids]));
      return answer.rowCount ?? 0;
    },
    close: () => pool.end(),
  };
}
