import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { containerReader, parseOwnCgroups } from './container.ts';
import { parseProcStat } from './cpu.ts';
import { parseMeminfo } from './memory.ts';
import { temperatureReader } from './temperature.ts';
import { parseDiskstats, parseNetDev } from './traffic.ts';

test('reads /proc/stat with steal, and waiting for disks as idle', () => {
  const text = 'cpu  100 5 50 800 40 3 2 10 7 0\ncpu0 100 5 50 800 40 3 2 10 7 0\nintr 5\n';
  expect(parseProcStat(text)).toEqual([
    { total: 1010, idle: 840, steal: 10, wait: 40 },
    { total: 1010, idle: 840, steal: 10, wait: 40 },
  ]);
  expect(parseProcStat('something else')).toBeUndefined();
  expect(parseProcStat(undefined)).toBeUndefined();
});

test('reads /proc/meminfo with and without swap and MemAvailable', () => {
  const text =
    'MemTotal:       1000 kB\nMemFree:         100 kB\nMemAvailable:    400 kB\nSwapTotal:      200 kB\nSwapFree:       150 kB\n';
  expect(parseMeminfo(text)).toEqual({
    totalBytes: 1_024_000,
    availableBytes: 409_600,
    usedRatio: 0.6,
    swapUsedRatio: 0.25,
  });
  expect(parseMeminfo('MemTotal: 1000 kB\nMemFree: 100 kB\nCached: 200 kB\n')).toMatchObject({
    availableBytes: 307_200,
  });
  expect(parseMeminfo('')).toBeUndefined();
});

test('sums network interfaces without loopback', () => {
  const text = `Inter-|   Receive  |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:  999       9    9    0    0     0          0         0   999       9    9    0    0     0       0          0
  eth0: 1000      10    1    0    0     0          0         0   500       5    2    0    0     0       0          0
  wlan0:  20       1    0    0    0     0          0         0    30       1    0    0    0     0       0          0
`;
  expect(parseNetDev(text)).toEqual({ inBytes: 1020, outBytes: 530, errors: 3 });
});

test('sums whole disks in sectors of 512 bytes', () => {
  const text = '   8       0 sda 10 0 100 5 20 0 200 7 0 9 12\n   8       1 sda1 10 0 100 5 20 0 200 7 0 9 12\n';
  expect(parseDiskstats(text, (device) => device === 'sda')).toEqual({
    inBytes: 51_200,
    outBytes: 102_400,
    errors: 0,
    busyMs: { sda: 9 },
  });
});

function withFiles<T>(files: Readonly<Record<string, string>>, use: (root: string) => T): T {
  const root = mkdtempSync(join(tmpdir(), 'monitoring-test-cgroup-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  try {
    return use(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}

const machineBytes = 16e9;

test.each([
  [
    'version 2',
    {
      'memory.max': '1000000\n',
      'memory.current': '600000\n',
      'memory.stat': 'anon 1\ninactive_file 100000\n',
      'cpu.max': '150000 100000\n',
      'cpu.stat': 'usage_usec 2500000\nuser_usec 1\n',
    },
  ],
  [
    'version 1',
    {
      'memory/memory.limit_in_bytes': '1000000\n',
      'memory/memory.usage_in_bytes': '600000\n',
      'memory/memory.stat': 'cache 1\ntotal_inactive_file 100000\n',
      'cpu/cpu.cfs_quota_us': '150000\n',
      'cpu/cpu.cfs_period_us': '100000\n',
      'cpuacct/cpuacct.usage': '2500000000\n',
    },
  ],
])('reads a container’s limits (%s)', (_, files) => {
  withFiles(files, (root) => {
    const reader = containerReader({ root, own: join(root, 'own') });
    expect(reader.read(machineBytes)).toEqual({
      memory: { limitBytes: 1_000_000, usedBytes: 500_000 },
      cpu: { limitCores: 1.5, usedSeconds: 2.5 },
    });
    reader.close();
  });
});

test.each([
  ['no files', {}],
  ['no limits in version 2', { 'memory.max': 'max\n', 'memory.current': '5\n', 'cpu.max': 'max 100000\n' }],
  [
    'no limits in version 1',
    {
      'memory/memory.limit_in_bytes': '9223372036854771712\n',
      'cpu/cpu.cfs_quota_us': '-1\n',
      'cpu/cpu.cfs_period_us': '100000\n',
    },
  ],
])('knows no container where there are %s', (_, files) => {
  withFiles(files, (root) => {
    const reader = containerReader({ root, own: join(root, 'own') });
    expect(reader.read(machineBytes)).toEqual({});
    reader.close();
  });
});

test.each([
  [
    'version 2',
    {
      own: '0::/system.slice/app.service\n',
      'system.slice/memory.max': '4000000\n',
      'system.slice/memory.current': '3000000\n',
      'system.slice/app.service/memory.max': '1000000\n',
      'system.slice/app.service/memory.current': '900000\n',
      'system.slice/cpu.max': '50000 100000\n',
      'system.slice/cpu.stat': 'usage_usec 1000000\n',
      'system.slice/app.service/cpu.max': 'max 100000\n',
    },
  ],
  [
    'version 1',
    {
      own: '4:memory:/app\n2:cpu,cpuacct:/app\n',
      'memory/memory.limit_in_bytes': '9223372036854771712\n',
      'memory/app/memory.limit_in_bytes': '1000000\n',
      'memory/app/memory.usage_in_bytes': '900000\n',
      'cpu/app/cpu.cfs_quota_us': '50000\n',
      'cpu/app/cpu.cfs_period_us': '100000\n',
      'cpuacct/app/cpuacct.usage': '1000000000\n',
    },
  ],
])('takes the tightest limit of its own group and those above it (%s)', (_, files) => {
  withFiles(files, (root) => {
    const reader = containerReader({ root, own: join(root, 'own') });
    expect(reader.read(machineBytes)).toEqual({
      memory: { limitBytes: 1_000_000, usedBytes: 900_000 },
      cpu: { limitCores: 0.5, usedSeconds: 1 },
    });
    reader.close();
  });
});

test('ignores a group that lies outside of the visible tree', () => {
  expect(parseOwnCgroups('0::/../other\n3:memory:/a\nnonsense\n')).toEqual(new Map([['memory', '/a']]));
  expect(parseOwnCgroups(undefined)).toEqual(new Map());
});

test('reads the thermal zones, and the chips of hwmon where there are none', () => {
  const chips = {
    'hwmon/hwmon0/name': 'coretemp\n',
    'hwmon/hwmon0/temp1_input': '41500\n',
    'hwmon/hwmon0/temp2_input': '43000\n',
    'hwmon/hwmon0/fan1_input': '900\n',
    'hwmon/hwmon1/temp1_input': '-273000\n',
  };
  const readings = (files: Record<string, string>) =>
    withFiles(files, (root) => {
      const reader = temperatureReader(root);
      const found = reader.read();
      reader.close();
      return found;
    });
  expect(readings(chips)).toEqual([
    { sensor: 'coretemp', celsius: 41.5 },
    { sensor: 'coretemp 2', celsius: 43 },
  ]);
  const zones = { 'thermal/thermal_zone0/type': 'x86_pkg_temp\n', 'thermal/thermal_zone0/temp': '55000\n' };
  expect(readings({ ...chips, ...zones })).toEqual([{ sensor: 'x86_pkg_temp', celsius: 55 }]);
  expect(readings({})).toEqual([]);
});
