import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { address, type DnsService, mail, startDnsServer, text } from '../../../test/services/dns-server.ts';
import { checkContract } from '../check.contract.ts';
import { ask, endpointCheck, endpointProblems } from '../endpoint.contract.ts';
import { createGuard } from '../network/guard.ts';
import { parseResolver } from './settings.ts';

let server: DnsService;
beforeAll(async () => {
  server = await startDnsServer();
  server.set('shop.example', 'A', [address('192.0.2.7'), address('192.0.2.8')]);
  server.set('shop.example', 'MX', [mail(10, 'mx1.shop.example'), mail(20, 'mx2.shop.example')]);
  server.set('shop.example', 'TXT', [text('v=spf1 ', '-all')]);
});
afterAll(() => server.stop());
beforeEach(() => {
  server.fault = 'none';
});

const dns = (more: object = {}) => ({
  type: 'dns',
  host: 'shop.example',
  resolver: `127.0.0.1:${server.port}`,
  ...more,
});

checkContract('dns', {
  healthy: () => endpointCheck(dns()),
  broken: () => endpointCheck(dns({ host: 'nobody.example' })),
  hanging: () => {
    server.fault = 'silent';
    return endpointCheck(dns({ timeout_seconds: 0.4 }));
  },
});

test('shows the answers of each kind of record in the way of zone files', async () => {
  expect((await ask(dns())).seen).toMatchObject({ answers: ['192.0.2.7', '192.0.2.8'], answer_count: 2 });
  expect((await ask(dns({ record_type: 'mx' }))).seen.answers).toEqual(['10 mx1.shop.example', '20 mx2.shop.example']);
  expect((await ask(dns({ record_type: 'TXT' }))).seen.answers).toEqual(['v=spf1 -all']);
});

test('judges values, further values, and how many there are', async () => {
  const right = { expected_values: ['192.0.2.8'] };
  expect((await ask(dns(right))).status).toBe('ok');
  expect(await ask(dns({ ...right, only_expected_values: true }))).toMatchObject({
    status: 'error',
    reason: 'also 192.0.2.7 (the answers have nothing else)',
  });
  expect(await ask(dns({ expected_values: ['192.0.2.9'] }))).toMatchObject({
    status: 'error',
    reason: 'missing 192.0.2.9 (the answers have 192.0.2.9)',
  });
  expect(await ask(dns({ min_answers: 3 }))).toMatchObject({
    status: 'error',
    reason: '192.0.2.7, 192.0.2.8 (there are at least 3 answers)',
  });
  expect((await ask(dns({ record_type: 'MX', expected_values: ['10 MX1.shop.example.'] }))).status).toBe('ok');
});

test('a name that does not exist is an error, unless that is what is expected', async () => {
  expect(await ask(dns({ host: 'nobody.example' }))).toMatchObject({
    status: 'error',
    reason: 'no answer (there is at least 1 answer)',
  });
  expect((await ask(dns({ host: 'nobody.example', min_answers: 0 }))).status).toBe('ok');
  expect((await ask(dns({ min_answers: 0 }))).status).toBe('error');
});

test('a resolver that fails or babbles is an error in words', async () => {
  server.fault = 'failure';
  expect((await ask(dns())).reason).toMatch(/SERVFAIL|failure/i);
  server.fault = 'garbage';
  expect(await ask(dns({ timeout_seconds: 0.4 }))).toMatchObject({ status: 'error' });
});

test('a resolver at a private address is not asked when those are forbidden', async () => {
  expect(await ask(dns(), {}, createGuard())).toMatchObject({
    status: 'error',
    reason: '127.0.0.1 is a loopback address, and server.forbid_private_targets forbids those',
  });
});

test('resolvers are addresses with or without a port', () => {
  expect(parseResolver('1.1.1.1')).toEqual({ address: '1.1.1.1', port: 53 });
  expect(parseResolver('1.1.1.1:5353')).toEqual({ address: '1.1.1.1', port: 5353 });
  expect(parseResolver('2606:4700::1111')).toEqual({ address: '2606:4700::1111', port: 53 });
  expect(parseResolver('[::1]:5353')).toEqual({ address: '::1', port: 5353 });
  for (const wrong of ['dns.example', '1.1.1', '1.1.1.1:0', '1.1.1.1:99999', ''])
    expect(parseResolver(wrong), wrong).toBeUndefined();
  expect(endpointProblems({ type: 'dns', host: 'a.example', resolver: 'dns.example' })).toEqual([
    'resolver: expected the IP address of a resolver, e.g. 1.1.1.1, 127.0.0.1:5353 or [2606:4700::1111]:53',
  ]);
});
