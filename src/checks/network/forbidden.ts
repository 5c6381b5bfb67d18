import { BlockList, isIP } from 'node:net';

/** Networks that are not the public internet: [first address, prefix length, what they are for]. */
const private4: readonly (readonly [string, number, string])[] = [
  ['0.0.0.0', 8, 'this network'],
  ['10.0.0.0', 8, 'private'],
  ['100.64.0.0', 10, 'carrier-grade NAT'],
  ['127.0.0.0', 8, 'loopback'],
  ['169.254.0.0', 16, 'link-local, where clouds keep their metadata'],
  ['172.16.0.0', 12, 'private'],
  ['192.0.0.0', 24, 'reserved for protocols'],
  ['192.0.2.0', 24, 'documentation'],
  ['192.168.0.0', 16, 'private'],
  ['198.18.0.0', 15, 'benchmarks'],
  ['198.51.100.0', 24, 'documentation'],
  ['203.0.113.0', 24, 'documentation'],
  ['224.0.0.0', 4, 'multicast'],
  ['240.0.0.0', 4, 'reserved'],
];

const private6: readonly (readonly [string, number, string])[] = [
  ['::', 128, 'unspecified'],
  ['::1', 128, 'loopback'],
  ['100::', 64, 'discarded'],
  ['2001::', 23, 'reserved for protocols'],
  ['2001:db8::', 32, 'documentation'],
  ['3fff::', 20, 'documentation'],
  ['5f00::', 16, 'segment routing'],
  ['fc00::', 7, 'private'],
  ['fe80::', 10, 'link-local'],
  ['fec0::', 10, 'site-local'],
  ['ff00::', 8, 'multicast'],
];

/** Public metadata services that answer every machine of a cloud. */
const metadata = new Set(['168.63.129.16', '100.100.100.200']);

const lists = [...private4.map(asList('ipv4')), ...private6.map(asList('ipv6'))];

function asList(family: 'ipv4' | 'ipv6') {
  return ([address, prefix, what]: readonly [string, number, string]) => {
    const list = new BlockList();
    list.addSubnet(address, prefix, family);
    return { list, family, what };
  };
}

/**
 * Says why an IP address must not be asked when private targets are forbidden; undefined when it is public. IPv4 inside IPv6 (mapped,
 * compatible, translated by NAT64, 6to4, Teredo) is judged by the IPv4 address it leads to.
 */
export function forbiddenAddress(address: string): string | undefined {
  const bare = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  const version = isIP(bare);
  if (version === 0) return 'not an IP address';
  if (version === 4) return forbidden4(bare);
  const words = groupsOf(bare);
  const inner = embedded4(words);
  if (inner !== undefined) {
    const what = forbidden4(inner);
    return what === undefined ? undefined : `${what} (${inner} inside IPv6)`;
  }
  return lists.find(({ list, family }) => family === 'ipv6' && list.check(bare, 'ipv6'))?.what;
}

function forbidden4(address: string): string | undefined {
  if (metadata.has(address)) return 'a cloud’s metadata service';
  return lists.find(({ list, family }) => family === 'ipv4' && list.check(address, 'ipv4'))?.what;
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): number[] {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const hex = (a: string, b: string) => ((Number(a) << 8) | Number(b)).toString(16);
  const text = dotted ? `${dotted[1]}${hex(dotted[2]!, dotted[3]!)}:${hex(dotted[4]!, dotted[5]!)}` : address;
  const [left = '', right] = text.split('::');
  const parse = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)));
  const head = parse(left);
  if (right === undefined) return head;
  const tail = parse(right);
  return [...head, ...Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => 0), ...tail];
}

/** The IPv4 address that an IPv6 address stands for; undefined when it stands for itself. */
function embedded4(groups: readonly number[]): string | undefined {
  const zeros = (count: number) => groups.slice(0, count).every((group) => group === 0);
  const at = (index: number) => dotted4(groups[index]!, groups[index + 1]!);
  // ::ffff:a.b.c.d, ::ffff:0:a.b.c.d, and the old ::a.b.c.d (but not :: and ::1).
  if (zeros(5) && groups[5] === 0xffff) return at(6);
  if (zeros(4) && groups[4] === 0xffff && groups[5] === 0) return at(6);
  if (zeros(6) && (groups[6] !== 0 || groups[7]! > 1)) return at(6);
  // NAT64: 64:ff9b::/96 and the local 64:ff9b:1::/48, whose last 32 bits are the address.
  if (groups[0] === 0x64 && groups[1] === 0xff9b) return at(6);
  // 6to4 has it in the second and third group, Teredo inverted at the end.
  if (groups[0] === 0x2002) return at(1);
  if (groups[0] === 0x2001 && groups[1] === 0) return dotted4(groups[6]! ^ 0xffff, groups[7]! ^ 0xffff);
  return undefined;
}

function dotted4(high: number, low: number): string {
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}
