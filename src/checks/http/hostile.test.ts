import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HostilePeers, startHostilePeers } from '../../../test/services/hostile-peers.ts';

const timeoutMs = 500;
const prober = fileURLToPath(new URL('../../../test/services/hostile-prober.ts', import.meta.url));

let peers: HostilePeers;
beforeAll(async () => {
  peers = await startHostilePeers();
});
afterAll(() => peers.stop());

interface Report {
  readonly verdicts: Record<string, { status: string; reason: string; durationMs: number }>;
  readonly growthBytes: number;
}

/** The heap as the monitor keeps its own, see docs/decisions/005-small-heap.md. */
const flags = ['--max-semi-space-size=1', '--semi-space-growth-factor=1', '--optimize-for-size', '--no-opt'];

/** Asks the peers in a process of its own, `lanes` at a time. */
async function probe(urls: object, lanes: number): Promise<Report> {
  const args = [...flags, prober, JSON.stringify(urls), String(timeoutMs / 1000), String(lanes)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as Report;
}

const isBody = (name: string) => name.startsWith('a body of');
const those = (wanted: (name: string) => boolean) =>
  Object.fromEntries(Object.entries(peers.urls).filter(([name]) => wanted(name)));

test('no hostile peer holds a check up or fills the memory', { timeout: 120_000 }, async () => {
  const urls = those((name) => !isBody(name));
  const { verdicts, growthBytes } = await probe(urls, 3);
  expect(Object.keys(verdicts)).toHaveLength(Object.keys(urls).length);
  for (const [name, { status, reason, durationMs }] of Object.entries(verdicts)) {
    expect(status, `${name}: ${reason}`).toBe('error');
    expect(durationMs, name).toBeLessThanOrEqual(timeoutMs + 250);
    // A person reads this at night: no bare codes, no library's inner words.
    expect(reason, name).toMatch(/^[a-z].{10,}/);
  }
  expect(verdicts['says nothing']?.reason).toBe(
    'no complete answer within 500 ms while waiting for the first byte of the answer',
  );
  expect(verdicts['trickles its body']?.reason).toMatch(/while reading the body, of which \d+ bytes came/);
  expect(verdicts['redirects in a circle']?.reason).toContain('it redirects in a circle');
  expect(verdicts['redirects for ever']?.reason).toContain('it redirects more than 5 times');
  expect(verdicts['announces more than it sends']?.reason).toContain('the body was cut off after 5 bytes');
  expect(verdicts['sends a body without end']?.reason).toContain('the body goes on after 1048576 bytes');
  expect(growthBytes / 1e6).toBeLessThanOrEqual(10);
});

test('no body of a megabyte fills the memory, whatever conditions read it', { timeout: 120_000 }, async () => {
  // Each in a process of its own: what one leaves to be collected must not count for the next.
  const grown: Record<string, number> = {};
  for (const name of Object.keys(those(isBody))) {
    const { verdicts, growthBytes } = await probe({ [name]: peers.urls[name] }, 1);
    const { status, reason, durationMs } = verdicts[name]!;
    expect(status, name).toBe('error');
    expect(durationMs, name).toBeLessThanOrEqual(timeoutMs + 250);
    if (name === 'a body of small arrays') expect(reason).toMatch(/20000 JSON values|no complete answer within/);
    grown[name] = growthBytes / 1e6;
  }
  expect(Object.keys(grown).length).toBeGreaterThan(3);
  for (const [name, megabytes] of Object.entries(grown)) expect(megabytes, name).toBeLessThanOrEqual(10);
});
