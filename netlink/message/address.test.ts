import { Ip } from '../../core/address/ip.ts';
import { Prefix } from '../../core/address/prefix.ts';
import { vector } from '../testing/vector.ts';
import { addAddress, decodeAddress, deleteAddress, listAddresses, replaceAddress } from './address.ts';

const prefix = Prefix.parse('10.9.1.7/16');

test('an IPv4 address is its own IFA_ADDRESS and has a broadcast', () => {
  const request = addAddress({ link: 5, prefix, broadcast: Ip.parse('10.9.255.255') });
  expect(request).toMatchObject({ type: 20, flags: 0x600 }); // RTM_NEWADDR, CREATE | EXCL
  expect(request.body).toEqual(
    vector(`
      02 10 00 00  05 00 00 00  # struct ifaddrmsg: AF_INET, /16, global, index 5
      08 00 02 00  0a 09 01 07  # IFA_LOCAL
      08 00 01 00  0a 09 01 07  # IFA_ADDRESS
      08 00 04 00  0a 09 ff ff  # IFA_BROADCAST`),
  );
});

test('flags beyond eight bits travel in IFA_FLAGS', () => {
  const request = addAddress({
    link: 5,
    prefix: Prefix.parse('fd00:9::7/64'),
    flags: ['nodad', 'noprefixroute'],
  });
  expect(request.body).toEqual(
    vector(`
      0a 40 00 00  05 00 00 00                                                # AF_INET6, /64
      14 00 02 00  fd 00 00 09 00 00 00 00 00 00 00 00 00 00 00 07  # IFA_LOCAL
      14 00 01 00  fd 00 00 09 00 00 00 00 00 00 00 00 00 00 00 07  # IFA_ADDRESS
      08 00 08 00  02 02 00 00                                                # IFA_FLAGS NODAD | NOPREFIXROUTE`),
  );
});

test('a peer goes into IFA_ADDRESS, scope and label into theirs', () => {
  const peer = Ip.parse('10.9.0.1');
  expect(replaceAddress({ link: 5, prefix, peer, scope: 253, label: 'e' }).body).toEqual(
    vector(`
      02 10 00 fd  05 00 00 00  # scope link
      08 00 02 00  0a 09 01 07
      08 00 01 00  0a 09 00 01  # the peer
      06 00 03 00  65 00 00 00  # IFA_LABEL "e"`),
  );
});

test('a list may be of one link and family', () => {
  expect(listAddresses(5, 'ipv6').body).toEqual(vector('0a 00 00 00  05 00 00 00'));
  expect(listAddresses().body).toEqual(vector('00 00 00 00  00 00 00 00'));
});

test('an IPv4 address is read from IFA_LOCAL, the peer from IFA_ADDRESS', () => {
  const address = decodeAddress(
    vector(`
      02 20 80 00  05 00 00 00
      08 00 01 00  0a 09 00 01
      08 00 02 00  0a 09 01 07
      08 00 08 00  80 00 00 00  # IFA_FLAGS PERMANENT`),
  );
  expect(address?.prefix.toString()).toBe('10.9.1.7/32');
  expect(address?.peer?.toString()).toBe('10.9.0.1');
  expect(address?.flags).toEqual(['permanent']);
});

test('an IPv6 address without IFA_LOCAL is read from IFA_ADDRESS', () => {
  const address = decodeAddress(
    vector(`
      0a 40 c0 fd  05 00 00 00
      14 00 01 00  fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 01
      08 00 08 00  c8 00 00 00  # PERMANENT | TENTATIVE | DADFAILED`),
  );
  expect(`${address?.prefix}`).toBe('fe80::1/64');
  expect(address?.peer).toBeUndefined();
  expect(address?.scope).toBe(253);
  expect(address?.flags).toEqual(['dadfailed', 'tentative', 'permanent']);
});

test('what is deleted is told by link, address and length', () => {
  const request = deleteAddress({ index: 5, name: 'eth0' }, prefix);
  expect(request.type).toBe(21); // RTM_DELADDR
  expect(request.body.slice(0, 8)).toEqual(vector('02 10 00 00  05 00 00 00'));
});
