import fc from 'fast-check';
import { Netmask } from 'netmask';
import { Ip } from './ip.ts';
import { Prefix } from './prefix.ts';

const anyPrefix = fc
  .tuple(fc.bigInt(0n, (1n << 32n) - 1n), fc.integer({ min: 0, max: 32 }))
  .map(([value, bits]) => new Prefix(new Ip('ipv4', value), bits));

test('a prefix keeps its host bits until the network is asked for', () => {
  const prefix = Prefix.parse('10.9.1.7/16');
  expect(prefix.toString()).toBe('10.9.1.7/16');
  expect(prefix.network.toString()).toBe('10.9.0.0/16');
});

test.each([
  '10.9.0.0',
  '10.9.0.0/',
  '10.9.0.0/33',
  '10.9.0.0/016',
  '10.9.0.0/-1',
  '10.9.0.0/1e1',
  '/16',
  'fd00::/129',
  '10.9/16',
  '10.9.0.0/255.255.0.0',
])('%j is no prefix', (text) => {
  expect(() => Prefix.parse(text)).toThrow('is not an IP prefix');
});

test('/33 of IPv4 and /129 of IPv6 are no lengths, also when made in code', () => {
  expect(() => new Prefix(Ip.parse('10.9.0.0'), 33)).toThrow('no prefix length');
});

test('a network with host bits set is refused, naming the network meant', () => {
  expect(() => Prefix.parseNetwork('10.9.1.7/16')).toThrow('the prefix is 10.9.0.0/16');
  expect(Prefix.parseNetwork('FD00:9::/64').toString()).toBe('fd00:9::/64');
});

test.each([
  ['10.9.0.0/30', ['10.9.0.0', '10.9.0.3']],
  ['10.9.0.0/31', []],
  ['10.9.0.0/32', []],
  ['fd00::/64', ['fd00::']],
  ['fd00::/127', []],
  ['fd00::/128', []],
])('the addresses of %s that name no host are %j', (text, expected) => {
  expect(Prefix.parse(text).unusable.map(String)).toEqual(expected);
});

test('first, last and membership are those of netmask', () => {
  fc.assert(
    fc.property(anyPrefix, anyPrefix, (prefix, other) => {
      const oracle = new Netmask(prefix.toString());
      expect(prefix.network.address.toString()).toBe(oracle.base);
      expect(Number(prefix.range.size)).toBe(oracle.size);
      expect(prefix.contains(other.address)).toBe(oracle.contains(other.address.toString()));
      expect(prefix.overlaps(other)).toBe(prefix.range.overlaps(other.range));
    }),
  );
});

test('the two families never contain one another', () => {
  expect(Prefix.parse('::/0').contains(Ip.parse('10.9.0.1'))).toBe(false);
});
