import { expect, test } from 'vitest';
import { makeCheck, runOnceAndClose } from './database/database-check.contract.ts';
import { databaseKinds } from './database/kinds.ts';
import { loadDriver } from './driver.ts';

test('a missing driver is an error that names the package to install', async () => {
  await expect(loadDriver('driver-that-nobody-has', 'Checking Nothing')).rejects.toMatchObject({
    code: 'driver-missing',
    message: 'Checking Nothing needs the package driver-that-nobody-has, which is not installed.',
    hint: 'npm install driver-that-nobody-has',
  });
});

test('without its driver a check is unknown, which is not healthy, and says what to do', async () => {
  const { postgres } = databaseKinds;
  const { open } = postgres!;
  Object.assign(postgres!, { open: () => loadDriver('driver-that-nobody-has', 'Checking PostgreSQL') });
  try {
    expect(await runOnceAndClose(makeCheck('postgres://db.invalid/x'))).toMatchObject({
      status: 'unknown',
      reason: expect.stringContaining('npm install driver-that-nobody-has'),
      seen: { code: 'driver-missing' },
    });
  } finally {
    Object.assign(postgres!, { open });
  }
});
