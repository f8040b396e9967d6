import { pathIn } from './place.ts';

test.each([
  ['', []],
  ['ipam.server[1]', ['ipam', 'server', 1]],
  ['sysctl.net/ipv4/conf/eth0.100/rp_filter', ['sysctl', 'net/ipv4/conf/eth0.100/rp_filter']],
  ['list[0].name', ['list', 0, 'name']],
  ['nobody.knows', []],
  ['ipam.nobody', ['ipam']],
])('%j leads to %j', (at, path) => {
  const document = {
    ipam: { server: ['a', 'b'] },
    sysctl: { 'net/ipv4/conf/eth0.100/rp_filter': '2' },
    list: [{ name: 1 }],
  };
  expect(pathIn(document, at)).toEqual(path);
});
