/** mongodb: what the client tells of its pools (CMAP events), and of its commands when `monitorCommands` is on. */
import { mongoText } from '../../../model/statement-shape.ts';
import { type Attached, type PoolDriver, together } from '../driver.ts';
import type { Request } from '../holdings.ts';
import { hasMethods, listen, peek } from '../patch.ts';
import type { PoolWatch, RunningQuery } from '../pool-watch.ts';

/** Commands that began and never ended are forgotten past this many. */
const mostRunning = 10_000;

export const mongodbDriver: PoolDriver = {
  kind: 'mongodb',
  language: 'mongodb',
  recognises: (client) => hasMethods(client, 'db', 'startSession', 'on', 'off', 'close'),
  attach(client, watch) {
    const pools = watchPools(client, watch);
    const commands = watchCommands(client, watch);
    return {
      detach: together([pools.detach, commands]),
      ended: pools.ended,
      missing:
        peek(client, 'monitorCommands') === true
          ? undefined
          : 'queries are timed only with `new MongoClient(url, { monitorCommands: true })`',
    };
  },
};

function watchPools(client: object, watch: PoolWatch): Attached {
  /** Most connections of each server's pool. */
  const servers = new Map<string, number>();
  const open = new Set<string>();
  /** The events of a check-out do not name each other; a pool serves in the order of asking. */
  const asking = new Map<string, Request[]>();
  let closed = false;
  const most = () => Number(peek(peek(client, 'options'), 'maxPoolSize') ?? 100);
  const place = (event: unknown) => String(peek(event, 'address'));
  const id = (event: unknown) => `${place(event)}#${String(peek(event, 'connectionId'))}`;
  const answer = (event: unknown, error: unknown) => {
    const request = asking.get(place(event))?.shift();
    if (request) watch.answered(request, error, id(event));
  };
  const on = (name: string, heard: (event: unknown, second: unknown, below: () => void) => void) =>
    listen(client, name, heard);
  const asked = (event: unknown, _second: unknown, below: () => void) => {
    if (!servers.has(place(event))) servers.set(place(event), most());
    const list = asking.get(place(event)) ?? [];
    asking.set(place(event), list);
    if (watch.followsPool && list.length < mostRunning) list.push(watch.request(below));
  };
  const undo = [
    on('connectionPoolCreated', (event) => {
      closed = false;
      servers.set(place(event), Number(peek(peek(event, 'options'), 'maxPoolSize') ?? most()));
    }),
    on('connectionPoolClosed', (event) => {
      servers.delete(place(event));
      asking.delete(place(event));
      closed = servers.size === 0;
    }),
    on('connectionCreated', (event) => open.add(id(event))),
    on('connectionClosed', (event) => {
      open.delete(id(event));
      watch.released(id(event));
    }),
    on('connectionCheckOutStarted', asked),
    on('connectionCheckOutFailed', (event) => {
      const reason = peek(event, 'reason');
      answer(event, { name: reason === 'timeout' ? 'timeout' : 'CheckOutFailed' });
    }),
    on('connectionCheckedOut', (event) => {
      open.add(id(event));
      answer(event, undefined);
    }),
    on('connectionCheckedIn', (event) => watch.released(id(event))),
  ];
  watch.counts = () => {
    const used = watch.holdings.held.size;
    const max = [...servers.values()].reduce((sum, one) => sum + one, 0);
    return { used, idle: Math.max(0, open.size - used), max: max > 0 ? max : null };
  };
  return { detach: together(undo), ended: () => closed };
}

function watchCommands(client: object, watch: PoolWatch): () => void {
  const running = new Map<string, RunningQuery>();
  const key = (event: unknown) => `${String(peek(event, 'address'))}#${String(peek(event, 'requestId'))}`;
  const finish = (event: unknown, error: unknown, rows: number | null) => {
    const query = running.get(key(event));
    running.delete(key(event));
    if (query) watch.end(query, error, rows);
  };
  const started = (event: unknown, _second: unknown, below: () => void) => {
    if (!watch.timesQueries) return;
    const command = peek(event, 'command');
    const name = String(peek(event, 'commandName'));
    const connection = `${String(peek(event, 'address'))}#${String(peek(event, 'connectionId'))}`;
    if (running.size >= mostRunning) running.clear();
    running.set(key(event), watch.begin(mongoText(name, peek(command, name), filterOf(command)), connection, below));
  };
  return together([
    listen(client, 'commandStarted', started),
    listen(client, 'commandSucceeded', (event) => finish(event, undefined, rowsOf(peek(event, 'reply')))),
    listen(client, 'commandFailed', (event) => finish(event, peek(event, 'failure') ?? true, null)),
  ]);
}

/** What a command looks for: `find` has a filter, `update` and `delete` a list of queries, `aggregate` a pipeline. */
function filterOf(command: unknown): unknown {
  for (const name of ['filter', 'query', 'pipeline']) {
    const found = peek(command, name);
    if (found !== undefined) return found;
  }
  const first = peek(peek(command, 'updates') ?? peek(command, 'deletes'), '0');
  return peek(first, 'q');
}

function rowsOf(reply: unknown): number | null {
  const cursor = peek(reply, 'cursor');
  const batch = peek(cursor, 'firstBatch') ?? peek(cursor, 'nextBatch');
  if (Array.isArray(batch)) return batch.length;
  const changed = peek(reply, 'n');
  return typeof changed === 'number' ? changed : null;
}
