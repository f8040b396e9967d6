import { Ip } from './ip.ts';

test('an IPv6 address is printed in RFC 5952 form', () => {
  expect(Ip.parse('FD00:0:0::0007').toString()).toBe('fd00::7');
});
