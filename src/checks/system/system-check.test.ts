import { describe, expect, test } from 'vitest';
import { systemClock } from '../../model/clock.ts';
import type { Sample } from '../../model/sample.ts';
import { createFakeClock } from '../../testing/fake-clock.ts';
import { checkContract } from '../check.contract.ts';
import { systemMonitoringSettings } from '../settings.ts';
import type { DiskReading } from './disk.ts';
import { otherPlatformReader } from './other-platform.ts';
import { type SystemReading, systemReader } from './reader.ts';
import { createSystemSampler } from './sampler.ts';
import { systemCheck } from './system-check.ts';

const settings = systemMonitoringSettings.parse({});
const noLimits = systemMonitoringSettings.parse({
  cpu_warning_threshold: 100,
  cpu_error_threshold: 100,
  memory_warning_threshold: 100,
  memory_error_threshold: 100,
  disk_warning_threshold: 100,
  disk_error_threshold: 100,
});

function fixedReading(cpu: number, memory: number, disks: readonly DiskReading[]): SystemReading {
  return {
    cpu: { usedRatio: cpu, stealRatio: 0, waitRatio: 0, cores: [cpu] },
    memory: { totalBytes: 1000, availableBytes: 1000 * (1 - memory), usedRatio: memory },
    disks,
  };
}

async function judge(reading: SystemReading) {
  const clock = createFakeClock();
  const check = systemCheck({
    settings,
    intervalMs: 30_000,
    clock,
    reader: { read: async () => reading, close: () => {} },
  });
  const running = check.run(new AbortController().signal);
  await clock.advance(500);
  return running;
}

const disk = (usedRatio: number, more = {}): DiskReading => ({
  path: '/',
  totalBytes: 100,
  freeBytes: 100 * (1 - usedRatio),
  usedRatio,
  ...more,
});

checkContract('system', {
  healthy: () => systemCheck({ settings: noLimits, intervalMs: 30_000, clock: systemClock }),
  broken: () =>
    systemCheck({
      settings,
      intervalMs: 30_000,
      clock: systemClock,
      reader: { read: async () => fixedReading(0.99, 0.5, [disk(0.5)]), close: () => {} },
    }),
});

describe('the verdict', () => {
  test.each([
    [0.5, 0.5, 0.5, 'ok', 'CPU 50.0 %, memory 50.0 %, disk of / 50.0 %'],
    [0.8, 0.5, 0.5, 'ok', 'CPU 80.0 %'],
    [0.801, 0.5, 0.5, 'warning', 'CPU 80.1 % (CPU is at most 80 %)'],
    [0.5, 0.95, 0.85, 'error', 'memory 95.0 % (memory is at most 90 %); disk of / 85.0 % (disk of / is at most 80 %)'],
  ])('of CPU %f, memory %f and disk %f is %s %s', async (cpu, memory, diskUse, _status, reason) => {
    const outcome = await judge(fixedReading(cpu, memory, [disk(diskUse)]));
    expect(outcome.status).toBe(_status);
    expect(outcome.reason).toContain(reason);
  });

  test('sees inodes that run out before the space does', async () => {
    const outcome = await judge(fixedReading(0.1, 0.1, [disk(0.2, { inodesUsedRatio: 0.97 })]));
    expect(outcome).toMatchObject({ status: 'error', reason: expect.stringContaining('disk (inodes) of / 97.0 %') });
  });

  test('says which path cannot be read', async () => {
    const outcome = await judge(
      fixedReading(0.1, 0.1, [disk(0.2), { path: '/data', problem: 'there is no such path' }]),
    );
    expect(outcome).toMatchObject({ status: 'warning', reason: '/data: there is no such path' });
  });

  test('gives the judged numbers to alert rules', async () => {
    const { samples } = await judge(fixedReading(0.25, 0.5, [disk(0.75)]));
    expect(samples).toEqual([
      { name: 'system_cpu_usage_ratio', labels: {}, value: 0.25 },
      { name: 'system_memory_usage_ratio', labels: {}, value: 0.5 },
      { name: 'system_disk_usage_ratio', labels: { path: '/' }, value: 0.75 },
    ]);
  });
});

describe('this machine', () => {
  test('is read within its limits, several paths at once', async () => {
    const reader = systemReader(systemMonitoringSettings.parse({ storage_path: ['/', '/no/such/path'] }), systemClock);
    await reader.read();
    await new Promise((resolve) => setTimeout(resolve, 100));
    const reading = await reader.read();
    reader.close();
    for (const ratio of [reading.cpu?.usedRatio, reading.memory?.usedRatio]) {
      expect(ratio).toBeGreaterThanOrEqual(0);
      expect(ratio).toBeLessThanOrEqual(1);
    }
    expect(reading.disks).toMatchObject([
      { path: '/', usedRatio: expect.any(Number) },
      { problem: 'there is no such path' },
    ]);
    expect(reading.network?.inBytesPerSecond).toBeGreaterThanOrEqual(0);
  });

  test('leaves out what is switched off', async () => {
    const off = { monitor_cpu: false, monitor_memory: false, monitor_disk: false, monitor_network: false };
    const reader = systemReader(systemMonitoringSettings.parse(off), systemClock);
    await reader.read();
    expect(await reader.read()).toEqual({ disks: [] });
    reader.close();
  });

  test('costs less than a millisecond of CPU a sample', async () => {
    const reader = systemReader(settings, systemClock);
    for (let i = 0; i < 20; i++) await reader.read();
    const before = process.cpuUsage();
    for (let i = 0; i < 200; i++) await reader.read();
    const { user, system } = process.cpuUsage(before);
    reader.close();
    expect((user + system) / 1000 / 200).toBeLessThan(1);
  });
});

test('other platforms are read through systeminformation, which is not asked again within ten seconds', async () => {
  const clock = createFakeClock();
  const reader = otherPlatformReader(clock);
  const first = await reader.read();
  expect(first.memory?.usedRatio).toBeGreaterThan(0);
  expect(first.memory?.usedRatio).toBeLessThan(1);
  expect(first.memory?.availableBytes).toBeLessThan(first.memory?.totalBytes ?? 0);
  await clock.advance(9_999);
  expect(await reader.read()).toBe(first);
  await clock.advance(1);
  expect(await reader.read()).not.toBe(first);
  // The package itself gives rates only for readings that are half a second apart in real time.
  const received = async () => {
    await clock.advance(10_000);
    return (await reader.read()).network?.inBytesPerSecond;
  };
  await expect.poll(received, { timeout: 10_000, interval: 200 }).toBeGreaterThanOrEqual(0);
});

test('the sampler gives samples of machine and monitor within a second, and then on its own interval', async () => {
  const batches: Sample[][] = [];
  const sampler = createSystemSampler({
    settings: systemMonitoringSettings.parse({ sample_interval_seconds: 0.5 }),
    clock: systemClock,
    onSamples: (samples) => batches.push(samples),
  });
  sampler.start();
  sampler.start();
  await expect.poll(() => batches.length, { timeout: 1000 }).toBe(1);
  await expect.poll(() => batches.length, { timeout: 2000 }).toBe(2);
  sampler.stop();
  const names = new Set(batches[0]?.map((sample) => sample.name));
  for (const name of [
    'system_cpu_usage_ratio',
    'system_memory_usage_ratio',
    'system_disk_usage_ratio',
    'system_load1',
    'process_cpu_ratio',
  ]) {
    expect(names, name).toContain(name);
  }
  const own = batches[1]?.find((sample) => sample.name === 'process_event_loop_delay_p99_seconds');
  expect(own).toMatchObject({ labels: { process: 'monitor' } });
});
