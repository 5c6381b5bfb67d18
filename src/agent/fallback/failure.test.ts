import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { freePort } from '../../../test/services/process.ts';
import { failureOf, reasonOf } from './failure.ts';

const error = (message: string, fields: object = {}) => Object.assign(new Error(message), fields);

test.each<[string, unknown, string]>([
  [
    'a port where nobody listens',
    error('connect ECONNREFUSED 127.0.0.1:1', { code: 'ECONNREFUSED', syscall: 'connect' }),
    'refused',
  ],
  [
    'a host that does not exist',
    error('getaddrinfo ENOTFOUND x', { code: 'ENOTFOUND', syscall: 'getaddrinfo' }),
    'refused',
  ],
  ['a connect that timed out', error('connect ETIMEDOUT', { code: 'ETIMEDOUT' }), 'refused'],
  ['a read that timed out', error('read ETIMEDOUT', { code: 'ETIMEDOUT', syscall: 'read' }), 'lost'],
  ['a connection that was reset', error('read ECONNRESET', { code: 'ECONNRESET', syscall: 'read' }), 'lost'],
  ['pg: no connection in time', error('timeout exceeded when trying to connect'), 'refused'],
  ['pg: too many connections', error('sorry, too many clients already', { code: '53300' }), 'refused'],
  ['pg: a wrong password', error('password authentication failed', { code: '28P01' }), 'refused'],
  ['pg: terminated by an administrator', error('terminating connection', { code: '57P01' }), 'lost'],
  ['pg: terminated', error('Connection terminated unexpectedly'), 'lost'],
  ['pg: a syntax error', error('syntax error at or near "selec"', { code: '42601' }), 'query'],
  ['pg: a statement timeout', error('canceling statement due to statement timeout', { code: '57014' }), 'query'],
  [
    'pg: a unique violation that quotes ECONNREFUSED',
    error('duplicate key "ECONNREFUSED"', { code: '23505' }),
    'query',
  ],
  ['mysql: access denied', error('Access denied', { code: 'ER_ACCESS_DENIED_ERROR' }), 'refused'],
  [
    'mysql: lost',
    error('Connection lost: The server closed the connection.', { code: 'PROTOCOL_CONNECTION_LOST' }),
    'lost',
  ],
  ['mysql: a parse error', error('You have an error', { code: 'ER_PARSE_ERROR' }), 'query'],
  ['redis: closed', error('Connection is closed.'), 'lost'],
  ['redis: loading', error('LOADING Redis is loading the dataset in memory'), 'refused'],
  ['redis: a wrong type', error('WRONGTYPE Operation against a key'), 'query'],
  ['mongodb: no server', error('connect ECONNREFUSED', { name: 'MongoServerSelectionError' }), 'refused'],
  ['mongodb: network', error('connection 1 closed', { name: 'MongoNetworkError' }), 'lost'],
  ['fetch to nobody', new TypeError('fetch failed', { cause: error('', { code: 'ECONNREFUSED' }) }), 'refused'],
  ['both addresses refused', new AggregateError([error('a', { code: 'ECONNREFUSED' })], ''), 'refused'],
  ['a text', 'ECONNREFUSED', 'query'],
  ['nothing', undefined, 'query'],
])('%s is %s', (_title, given, kind) => {
  expect(failureOf(given)).toBe(kind);
});

test('what Node really throws for a closed port is refused, with a reason for people', async () => {
  const port = await freePort();
  const thrown = await new Promise<unknown>((resolve) => connect(port, 'localhost').on('error', resolve));
  expect(failureOf(thrown)).toBe('refused');
  expect(reasonOf(thrown)).toContain('ECONNREFUSED');
});

test('errors that cannot be read are no reason to fail', () => {
  const thrower = new Proxy(
    {},
    {
      get: () => {
        throw new Error('no');
      },
    },
  );
  expect(failureOf(thrower)).toBe('query');
  expect(reasonOf(thrower)).toBe('no reason given');
  const circle: Record<string, unknown> = {};
  circle['cause'] = circle;
  circle['errors'] = [circle];
  expect(failureOf(circle)).toBe('query');
});
