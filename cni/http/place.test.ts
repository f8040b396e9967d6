import { placeOf } from './place.ts';

const hex = (octets: Uint8Array | undefined) => Buffer.from(octets ?? []).toString('hex');

test('an address of either family, with a port or HTTP’s own', () => {
  expect(hex(placeOf({ url: 'http://10.9.0.5:8080/v1/x' })?.address)).toBe(
    '02001f900a0900050000000000000000',
  );
  expect(placeOf({ url: 'http://10.9.0.5:8080/v1/x' })?.authority).toBe('10.9.0.5:8080');
  expect(hex(placeOf({ url: 'http://10.9.0.5' })?.address)).toBe('020000500a0900050000000000000000');
  const ipv6 = placeOf({ url: 'http://[fd00::5]:8080/v1' });
  expect(hex(ipv6?.address)).toBe(`0a001f9000000000fd000000000000000000000000000005${'00000000'}`);
  expect(ipv6?.authority).toBe('[fd00::5]:8080');
  expect(placeOf({ url: 'http://[fd00::5]/' })?.domain).toBe(10);
});

test('a Unix socket, whatever the URL’s host', () => {
  const place = placeOf({ url: 'http://agent/v1/x', socket: '/run/a.sock' });
  expect(hex(place?.address)).toBe(`0100${Buffer.from('/run/a.sock').toString('hex')}00`);
  expect(place).toMatchObject({ authority: 'agent', domain: 1, key: 'unix:/run/a.sock', isLocal: true });
});

test.each([
  'https://10.9.0.5:8443',
  'http://ipam.example.com:8080',
  'http://ipam4',
  'http://localhost:8080',
  'http://10.9.0.05:80',
  'http://10.9.5:80',
  'http://0x7f.0.0.1',
  'http://10.9.0.5:',
  'http://10.9.0.5:0',
  'http://10.9.0.5:080',
  'http://10.9.0.5:65536',
  'http://10.9.0.5:1e3',
  'http://10.9.0.5x',
  'http://[fe80::1%eth0]:80',
  'http://[10.9.0.5]:80',
  'http://[fd00::5',
  'http://fd00::5',
  'http://',
])('%s is left to fetch', (url) => {
  expect(placeOf({ url })).toBeUndefined();
});
