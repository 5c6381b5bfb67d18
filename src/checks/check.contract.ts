import { describe, expect, test } from 'vitest';
import type { Check, CheckOutcome } from '../model/check.ts';

/** What a check has to be given so that the contract can be tried on it. */
export interface CheckContract {
  /** A check of something that works. */
  readonly healthy: () => Promise<Check> | Check;
  /** A check of something that does not. */
  readonly broken: () => Promise<Check> | Check;
  /** A check of something that never answers, with a timeout of about 500 ms. */
  readonly hanging?: () => Promise<Check> | Check;
  /** Texts that must appear nowhere in what a check tells. */
  readonly secrets?: readonly string[];
}

/** Every kind of check keeps these promises. */
export function checkContract(name: string, contract: CheckContract): void {
  const secrets = contract.secrets ?? [];

  async function using<T>(made: Promise<Check> | Check, use: (check: Check) => Promise<T>): Promise<T> {
    const check = await made;
    try {
      return await use(check);
    } finally {
      await check.close?.();
    }
  }

  function expectSound(check: Check, outcome: CheckOutcome): void {
    expect(outcome.reason.trim()).not.toBe('');
    const told = JSON.stringify({ info: check.info, outcome, memory: check.memory?.() });
    expect(JSON.parse(JSON.stringify(outcome.seen))).toEqual(outcome.seen);
    expect(told).not.toMatch(/NaN|Infinity/);
    expect(told.length).toBeLessThan(16_384);
    for (const secret of secrets) expect(told).not.toContain(secret);
    for (const ms of Object.values(outcome.phases ?? {})) expect(ms).toBeGreaterThanOrEqual(0);
    for (const sample of outcome.samples ?? []) {
      expect(sample.name).toMatch(/^[a-z][a-z0-9_]*$/);
      expect(Number.isFinite(sample.value)).toBe(true);
    }
    const unmet = (outcome.conditions ?? []).filter((one) => !one.met);
    if (outcome.status === 'ok') expect(unmet).toEqual([]);
  }

  describe(`${name} keeps the contract of checks`, () => {
    test('describes itself', () =>
      using(contract.healthy(), async ({ info }) => {
        expect(info.id).toMatch(/\S/);
        expect(info.intervalMs).toBeGreaterThan(0);
        expect(info.timeoutMs).toBeGreaterThan(0);
        expect(info.explanation).toMatch(/\.$/);
        for (const secret of secrets) expect(JSON.stringify(info)).not.toContain(secret);
      }));

    test('finds a healthy target ok, again and again', () =>
      using(contract.healthy(), async (check) => {
        for (let run = 0; run < 3; run++) {
          const outcome = await check.run(new AbortController().signal);
          expectSound(check, outcome);
          expect(outcome.status, outcome.reason).toBe('ok');
        }
      }));

    test('says what is wrong with a broken target instead of throwing', () =>
      using(contract.broken(), async (check) => {
        for (let run = 0; run < 2; run++) {
          const outcome = await check.run(new AbortController().signal);
          expectSound(check, outcome);
          expect(outcome.status).toBe('error');
        }
      }));

    const { hanging } = contract;
    if (hanging) {
      test('ends with its signal, and says what it was waiting for', () =>
        using(hanging(), async (check) => {
          const started = performance.now();
          const outcome = await check.run(AbortSignal.timeout(check.info.timeoutMs));
          expect(performance.now() - started).toBeLessThan(check.info.timeoutMs + 250);
          expectSound(check, outcome);
          expect(outcome).toMatchObject({ status: 'error', reason: expect.stringContaining('while') });
        }));
    }

    test('ends at once with a signal that is over already', () =>
      using(contract.healthy(), async (check) => {
        const started = performance.now();
        await check.run(AbortSignal.abort(new Error('over'))).catch(() => {});
        expect(performance.now() - started).toBeLessThan(250);
      }));

    test('can be closed twice, and reads any memory', () =>
      using(contract.healthy(), async (check) => {
        for (const junk of [undefined, null, 7, 'x', {}, []]) check.recall?.(junk);
        expect(JSON.stringify(check.memory?.() ?? null)).toBeTypeOf('string');
        await check.close?.();
      }));
  });
}
