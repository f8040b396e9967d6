import type { NetworkInterfaceInfo } from 'node:os';
import { ownUrl } from './address.ts';

function info(address: string, internal = false): NetworkInterfaceInfo {
  const family = address.includes(':') ? 'IPv6' : 'IPv4';
  return { address, netmask: '', family, mac: '', internal, cidr: null, scopeid: 0 } as NetworkInterfaceInfo;
}

test('a server that listens on one address is reached there', () => {
  expect(ownUrl('https', { host: '10.9.0.13', port: 8443 }, {})).toBe('https://10.9.0.13:8443');
  expect(ownUrl('http', { host: '::1', port: 8080 }, {})).toBe('http://[::1]:8080');
});

test('a server that listens on every address is reached by the first of its machine that others could reach', () => {
  const lo = [info('127.0.0.1', true), info('::1', true)];
  const eth0 = [info('fe80::1'), info('2001:db8::5'), info('10.9.0.13')];
  const all = { host: '0.0.0.0', port: 8443 };
  expect(ownUrl('https', all, { lo, eth0 })).toBe('https://10.9.0.13:8443');
  expect(ownUrl('https', { host: '::', port: 1 }, { lo, eth0: eth0.slice(0, 2) })).toBe(
    'https://[2001:db8::5]:1',
  );
  expect(ownUrl('http', all, { lo })).toBe('http://127.0.0.1:8443');
});
