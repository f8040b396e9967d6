import { parseWantedAddresses } from './wanted-addresses.ts';

test('one address of each family is taken', () => {
  expect(parseWantedAddresses('10.9.1.7').map(String)).toEqual(['10.9.1.7']);
  expect(parseWantedAddresses('FD00::7,10.9.1.7').map(String)).toEqual(['fd00::7', '10.9.1.7']);
});

test.each([
  ['10.9.1.7/16', '"10.9.1.7/16"'],
  ['10.9.1.07', '"10.9.1.07"'],
  ['10.9.1', '"10.9.1"'],
  ['10.9.1.7, fd00::7', '" fd00::7"'],
  ['10.9.1.7,', '""'],
  ['fe80::1%eth0', '"fe80::1%eth0"'],
  ['10.9.1.7,10.9.1.8', '"10.9.1.8" is a second IPv4 address beside "10.9.1.7"'],
  ['fd00::1,fd00::2', '"fd00::2" is a second IPv6 address'],
])('%j is refused, naming what is bad', (text, named) => {
  expect(() => parseWantedAddresses(text)).toThrow(named);
});
