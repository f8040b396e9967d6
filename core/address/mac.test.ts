import { Ip } from './ip.ts';
import { checkMacPrefix, defaultMacPrefix, Mac } from './mac.ts';

test('the MAC of an IPv4 address is the zone’s prefix and the four octets', () => {
  expect(Mac.derived(defaultMacPrefix, Ip.parse('10.9.1.7')).toString()).toBe('0a:58:0a:09:01:07');
});

test('the MAC of an IPv6 address is the zone’s prefix and the last four octets', () => {
  expect(Mac.derived('02:01', Ip.parse('fd00::1234:5678')).toString()).toBe('02:01:12:34:56:78');
});

test.each([
  '',
  '0a:58:0a:09:01',
  '0a-58-0a-09-01-07',
  '0a:58:0a:09:01:7',
  '0a:58:0a:09:01:0g',
  '0a58.0a09.0107',
])('%j is no MAC address', (text) => {
  expect(() => Mac.parse(text)).toThrow('is not a MAC address');
});

test('a MAC is printed in lower case and survives its octets', () => {
  const mac = Mac.parse('0A:58:FF:00:01:07');
  expect(mac.toString()).toBe('0a:58:ff:00:01:07');
  expect(Mac.fromBytes(mac.toBytes()).equals(mac)).toBe(true);
  expect(() => Mac.fromBytes(new Uint8Array(4))).toThrow('4 octets');
});

test('multicast and zero are no interface’s own', () => {
  expect(Mac.parse('01:00:5e:00:00:01').isUnicast).toBe(false);
  expect(Mac.parse('00:00:00:00:00:00').isUnicast).toBe(false);
  expect(Mac.parse('0a:58:0a:09:01:07').isUnicast).toBe(true);
  expect(Mac.parse('0a:58:0a:09:01:07').isLocallyAdministered).toBe(true);
});

test('a zone’s prefix is unicast and locally administered', () => {
  expect(checkMacPrefix('0A:58')).toBe('0a:58');
  for (const bad of ['01:58', '08:58', '0b:58', '0a', '0a:5', 'zz:58']) {
    expect(() => checkMacPrefix(bad)).toThrow();
  }
});
