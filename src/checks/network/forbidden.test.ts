import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { forbiddenAddress } from './forbidden.ts';
import { createGuard, ForbiddenTarget } from './guard.ts';

describe('addresses', () => {
  test.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '100.127.255.255',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '192.0.0.192',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '168.63.129.16',
    '100.100.100.200',
    '::',
    '::1',
    '[::1]',
    'fe80::1%eth0',
    'fd00:ec2::254',
    'fc00::1',
    'fec0::1',
    'ff02::1',
    '2001:db8::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::FFFF:10.0.0.1',
    '::127.0.0.1',
    '::ffff:0:169.254.169.254',
    '64:ff9b::10.0.0.1',
    '64:ff9b::7f00:1',
    '64:ff9b:1::a00:1',
    '2002:7f00:1::',
    '2002:a9fe:a9fe::1',
    '2001:0:0:0:0:0:80ff:fffe',
    'localhost',
    '',
    '1.2.3',
    '0x7f000001',
  ])('%s is forbidden', (address) => {
    expect(forbiddenAddress(address)).toBeTypeOf('string');
  });

  test.each([
    '1.1.1.1',
    '8.8.8.8',
    '100.63.255.255',
    '100.128.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '169.253.0.1',
    '192.167.0.1',
    '2606:4700::1111',
    '2a00:1450:4001::1',
    '::ffff:8.8.8.8',
    '64:ff9b::8.8.8.8',
    '2002:808:808::1',
  ])('%s is public', (address) => {
    expect(forbiddenAddress(address)).toBeUndefined();
  });

  test('an IPv4 address is judged the same however it is wrapped in IPv6', () => {
    const byte = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(byte, byte, byte, byte, (a, b, c, d) => {
        const dotted = `${a}.${b}.${c}.${d}`;
        const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
        const bad = forbiddenAddress(dotted) !== undefined;
        for (const wrapped of [
          `::ffff:${dotted}`,
          `::ffff:${hex}`,
          `64:ff9b::${dotted}`,
          `64:ff9b::${hex}`,
          `2002:${hex}::1`,
        ])
          expect(forbiddenAddress(wrapped) !== undefined, wrapped).toBe(bad);
      }),
    );
  });
});

describe('the guard', () => {
  type Found = { address: string; family: number }[];
  const answering = (found: Found) =>
    createGuard(((_: string, __: unknown, callback: (error: null, list: Found) => void) =>
      callback(null, found)) as never);
  const lookUp = (found: Found, all: boolean) =>
    new Promise((resolve) => {
      answering(found).lookup('name.example', { all }, (error, address, family) =>
        resolve(error ?? { address, family }),
      );
    });

  test('refuses a name as soon as one of its answers is forbidden', async () => {
    const mixed = [
      { address: '8.8.8.8', family: 4 },
      { address: '::ffff:10.0.0.7', family: 6 },
    ];
    for (const all of [true, false]) expect(await lookUp(mixed, all)).toBeInstanceOf(ForbiddenTarget);
  });

  test('hands public answers on as they were asked for', async () => {
    const found = [{ address: '8.8.8.8', family: 4 }];
    expect(await lookUp(found, true)).toEqual({ address: found, family: undefined });
    expect(await lookUp(found, false)).toEqual({ address: '8.8.8.8', family: 4 });
    expect(await lookUp([], false)).toMatchObject({ code: 'ENODATA' });
  });

  test.each(['127.1', '2130706433', '0x7f.1', '017700000001', 'localhost'])(
    'sees through %s, because it judges what the system makes of it',
    async (host) => {
      await expect(createGuard().resolve(host)).rejects.toThrow(/127\.0\.0\.1.* or |is a loopback address|ENOTFOUND/);
    },
  );

  test('judges addresses that need no lookup', () => {
    expect(() => createGuard().judge('[::1]')).toThrow('::1 is a loopback address, and server.forbid_private_targets');
    expect(() => createGuard().judge('8.8.8.8')).not.toThrow();
    expect(() => createGuard().judge('name.example')).not.toThrow();
  });
});
