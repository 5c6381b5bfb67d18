import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { startHostilePeers } from '../../../test/services/hostile-peers.ts';

const timeoutMs = 500;
const prober = fileURLToPath(new URL('../../../test/services/hostile-prober.ts', import.meta.url));

test('no hostile peer holds a check up or fills the memory', { timeout: 120_000 }, async () => {
  const peers = await startHostilePeers();
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [
      prober,
      JSON.stringify(peers.urls),
      String(timeoutMs / 1000),
    ]);
    const { verdicts, growthBytes } = JSON.parse(stdout) as {
      verdicts: Record<string, { status: string; reason: string; durationMs: number }>;
      growthBytes: number;
    };
    expect(Object.keys(verdicts)).toHaveLength(Object.keys(peers.urls).length);
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
  } finally {
    await peers.stop();
  }
});
