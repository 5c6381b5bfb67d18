import { nearest } from '../model/nearest.ts';
import { endpointName } from './endpoint-settings.ts';
import { heartbeatName } from './heartbeat/settings.ts';

/** What is read of the sections whose checks can be parents or have them. */
export interface Families {
  readonly database_monitoring: {
    readonly enabled: boolean;
    readonly connections: readonly { readonly name: string; readonly enabled: boolean }[];
  };
  readonly api_monitoring: {
    readonly enabled: boolean;
    readonly endpoints: readonly (Parameters<typeof endpointName>[0] & {
      readonly enabled: boolean;
      readonly parents: readonly string[];
    })[];
  };
  readonly system_monitoring: { readonly enabled: boolean };
  readonly heartbeats?: readonly (Parameters<typeof heartbeatName>[0] & {
    readonly enabled: boolean;
    readonly parents: readonly string[];
  })[];
}

/** Something wrong with the parents of a check, with its place in the configuration. */
export interface ParentProblem {
  readonly path: (string | number)[];
  readonly message: string;
}

/** Every parent that nobody is, or that closes a circle. */
export function parentProblems(settings: Families): ParentProblem[] {
  const known = idsOf(settings);
  const problems: ParentProblem[] = [];
  const parents = new Map<string, readonly string[]>();
  const places = new Map<string, (string | number)[]>();
  for (const { id, list, path } of withParents(settings)) {
    parents.set(id, list);
    places.set(id, path);
    for (const [place, parent] of list.entries()) {
      if (!known.has(parent)) problems.push({ path: [...path, place], message: unknownWords(parent, known) });
    }
  }
  for (const circle of circlesOf(parents)) {
    problems.push({
      path: places.get(circle[0]!) ?? [],
      message: `the parents go in a circle: ${[...circle, circle[0]].join(' -> ')}`,
    });
  }
  return problems;
}

/** Every check that may have parents, with the place where they stand. */
function withParents({ api_monitoring: api, heartbeats = [] }: Families) {
  const endpoints = api.endpoints.map((one, index) => ({
    id: `api:${endpointName(one)}`,
    list: api.enabled && one.enabled ? one.parents : [],
    path: ['api_monitoring', 'endpoints', index, 'parents'] as (string | number)[],
  }));
  const jobs = heartbeats.map((one, index) => ({
    id: `heartbeat:${heartbeatName(one)}`,
    list: one.enabled ? one.parents : [],
    path: ['heartbeats', index, 'parents'] as (string | number)[],
  }));
  return [...endpoints, ...jobs];
}

/** Ids of the checks that the configuration makes. */
function idsOf({
  database_monitoring: database,
  api_monitoring: api,
  system_monitoring: system,
  heartbeats = [],
}: Families): Set<string> {
  const enabled = <T extends { readonly enabled: boolean }>(
    section: { readonly enabled: boolean },
    list: readonly T[],
  ) => (section.enabled ? list.filter((one) => one.enabled) : []);
  return new Set([
    ...enabled(database, database.connections).map(({ name }) => `database:${name}`),
    ...enabled(api, api.endpoints).map((endpoint) => `api:${endpointName(endpoint)}`),
    ...heartbeats.filter((one) => one.enabled).map((one) => `heartbeat:${heartbeatName(one)}`),
    ...(system.enabled ? ['system'] : []),
  ]);
}

function unknownWords(parent: string, known: ReadonlySet<string>): string {
  // People write the name without the kind in front.
  const byName = [...known].find((id) => id.slice(id.indexOf(':') + 1) === parent);
  const meant = byName ?? nearest(parent, known);
  const ids = [...known];
  const list = ids.length > 12 ? `${ids.slice(0, 12).join(', ')}, …` : ids.join(', ');
  return `is the id of no check${meant ? `; did you mean ${meant}?` : ''} The checks are: ${list}`;
}

/** Each circle once, from its first member in the order of the configuration. */
function circlesOf(parents: ReadonlyMap<string, readonly string[]>): string[][] {
  const circles: string[][] = [];
  const done = new Set<string>();
  const follow = (id: string, way: readonly string[]): void => {
    const start = way.indexOf(id);
    if (start >= 0) return void circles.push(way.slice(start));
    if (done.has(id)) return;
    for (const parent of parents.get(id) ?? []) follow(parent, [...way, id]);
    done.add(id);
  };
  for (const id of parents.keys()) follow(id, []);
  return circles;
}
