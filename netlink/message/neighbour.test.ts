import { Ip } from '../../core/address/ip.ts';
import { Mac } from '../../core/address/mac.ts';
import { vector } from '../testing/vector.ts';
import {
  addNeighbour,
  decodeNeighbour,
  deleteNeighbour,
  listNeighbours,
  replaceNeighbour,
} from './neighbour.ts';

const ip = Ip.parse('169.254.1.1');

test('an entry with a MAC is permanent unless said otherwise', () => {
  const request = replaceNeighbour({ link: 5, ip, mac: Mac.parse('0a:58:0a:09:01:07') });
  expect(request).toMatchObject({ type: 28, flags: 0x500 }); // RTM_NEWNEIGH, CREATE | REPLACE
  expect(request.body).toEqual(
    vector(`
      02 00 00 00  05 00 00 00  80 00 00 00  # struct ndmsg: AF_INET, index 5, NUD_PERMANENT
      08 00 01 00  a9 fe 01 01               # NDA_DST
      0a 00 02 00  0a 58 0a 09  01 07 00 00  # NDA_LLADDR`),
  );
});

test('a proxy entry has a flag and no MAC, and is permanent', () => {
  expect(addNeighbour({ link: 5, ip, proxy: true }).body).toEqual(
    vector(`
      02 00 00 00  05 00 00 00  80 00 08 00  # NUD_PERMANENT, NTF_PROXY
      08 00 01 00  a9 fe 01 01`),
  );
  expect(deleteNeighbour({ link: 5, ip, proxy: true }).body.slice(8, 12)).toEqual(vector('00 00 08 00'));
});

test('a list names its link in an attribute, as strict checking wants it', () => {
  expect(listNeighbours(5, 'ipv4', true).body).toEqual(
    vector(`
      02 00 00 00  00 00 00 00  00 00 08 00
      08 00 08 00  05 00 00 00  # NDA_IFINDEX`),
  );
});

test('an entry is read; one without MAC has none', () => {
  const entry = decodeNeighbour(
    vector(`
      02 00 00 00  05 00 00 00  02 00 00 00
      08 00 01 00  0a 09 00 01
      0a 00 02 00  0a 58 0a 09  00 01 00 00`),
  );
  expect(JSON.parse(JSON.stringify(entry))).toEqual({
    index: 5,
    ip: '10.9.0.1',
    mac: '0a:58:0a:09:00:01',
    state: 'reachable',
    proxy: false,
  });
  const failed = decodeNeighbour(vector('02 00 00 00 05 00 00 00 20 00 00 00 08 00 01 00 0a 09 00 02'));
  expect(failed).toMatchObject({ state: 'failed', mac: undefined });
});

test('a bridge’s forwarding entry is no neighbour', () => {
  expect(
    decodeNeighbour(vector('07 00 00 00 05 00 00 00 80 00 02 00 0a 00 02 00 0a 58 00 00 00 01 00 00')),
  ).toBeUndefined();
});
