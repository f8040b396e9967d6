import { Ip } from '../../core/address/ip.ts';
import { Mac } from '../../core/address/mac.ts';
import { vector } from '../../netlink/testing/vector.ts';
import { arpRequest, decodeArp, encodeArp } from './arp.ts';
import { internetChecksum } from './checksum.ts';
import { decodeFrame, etherTypes } from './ethernet.ts';
import { decodeNdp, encodeNdp, multicastMac, type Ndp, solicitedNode } from './ndp.ts';
import { questionFrame } from './question.ts';

const mac = Mac.parse('0a:58:0a:09:01:05');
const ipv4 = Ip.parse('10.9.1.5');
const ipv6 = Ip.parse('fd00:9::12:3456');

/** The probe of RFC 5227 §2.1.1, field by field. */
const arpProbe = vector(`ff ff ff ff ff ff  0a 58 0a 09 01 05  08 06
                         00 01 08 00 06 04  00 01
                         0a 58 0a 09 01 05  00 00 00 00
                         00 00 00 00 00 00  0a 09 01 05`);

/** As Linux 6.18 sends it for `ip address add fd00:9::12:3456/64`, with `enhanced_dad=0` (no nonce). */
const dadSolicitation = vector(`33 33 ff 12 34 56  0a 58 0a 09 01 05  86 dd
                                60 00 00 00  00 18  3a ff
                                00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
                                ff 02 00 00 00 00 00 00 00 00 00 01 ff 12 34 56
                                87 00 14 ce  00 00 00 00
                                fd 00 00 09 00 00 00 00 00 00 00 00 00 12 34 56`);

test('an ARP probe has no sender address', () => {
  expect(questionFrame(mac, ipv4)).toEqual(arpProbe);
});

test('a solicitation of duplicate detection comes from :: and goes to the solicited node', () => {
  expect(questionFrame(mac, ipv6)).toEqual(dadSolicitation);
});

test('an ordinary question names the asker, by IPv6 with its MAC', () => {
  const arp = decodeArp(questionFrame(mac, ipv4, Ip.parse('10.9.0.11')).subarray(14));
  expect(arp).toEqual(arpRequest(mac, Ip.parse('10.9.0.11'), ipv4));
  const ndp = decodeNdp(questionFrame(mac, ipv6, Ip.parse('fd00:9::11')).subarray(14));
  expect(ndp).toMatchObject({ source: Ip.parse('fd00:9::11'), target: ipv6, mac });
});

test('multicast of an address: the last three octets in ff02::1:ff00:0/104, the last four behind 33:33', () => {
  expect(solicitedNode(ipv6).toString()).toBe('ff02::1:ff12:3456');
  expect(multicastMac(solicitedNode(ipv6)).toString()).toBe('33:33:ff:12:34:56');
});

test('the checksum of RFC 1071’s own example, and of an odd number of octets', () => {
  expect(internetChecksum(vector('00 01 f2 03 f4 f5 f6 f7'))).toBe(0xffff ^ 0xddf2);
  expect(internetChecksum(vector('01'))).toBe(0xfeff);
});

test('an ARP packet is what it was, padding aside', () => {
  const arp = { ...arpRequest(mac, ipv4, ipv4), operation: 'reply' as const, targetMac: mac };
  expect(decodeArp(Uint8Array.of(...encodeArp(arp), ...new Uint8Array(18)))).toEqual(arp);
});

test.each<Ndp>([
  { kind: 'solicitation', source: Ip.parse('::'), destination: solicitedNode(ipv6), target: ipv6 },
  { kind: 'advertisement', source: ipv6, destination: Ip.parse('ff02::1'), target: ipv6, mac },
])('a neighbour $kind is what it was', (ndp) => {
  expect(decodeNdp(encodeNdp(ndp))).toEqual(ndp);
});

test('ARP of another hardware, protocol or operation, and half of one, is none', () => {
  const whole = arpProbe.subarray(14);
  for (const [at, value] of [
    [1, 6],
    [2, 0x86],
    [4, 8],
    [5, 16],
    [7, 3],
  ] as const) {
    expect(decodeArp(whole.with(at, value))).toBeUndefined();
  }
  for (let length = 0; length < whole.length; length++) {
    expect(decodeArp(whole.subarray(0, length))).toBeUndefined();
  }
});

test('an NDP message is none with one bit wrong, through a router, or half there', () => {
  const whole = dadSolicitation.subarray(14);
  expect(decodeNdp(whole.with(7, 254))).toBeUndefined();
  // Bits of the message and the addresses are under the checksum, next header and lengths are checked by themselves.
  for (let at = 8; at < whole.length; at++) {
    expect(decodeNdp(whole.with(at, (whole[at] ?? 0) ^ 1))).toBeUndefined();
  }
  for (const at of [0, 4, 5, 6]) {
    expect(decodeNdp(whole.with(at, 0xff))).toBeUndefined();
  }
  for (let length = 0; length < whole.length; length++) {
    expect(decodeNdp(whole.subarray(0, length))).toBeUndefined();
  }
});

/** The same packet with other octets behind the target, and the checksum made right again. */
function withOptions(options: Uint8Array): Uint8Array {
  const bare = encodeNdp({
    kind: 'advertisement',
    source: ipv6,
    destination: Ip.parse('ff02::1'),
    target: ipv6,
  });
  const whole = Uint8Array.of(...bare, ...options).with(5, 24 + options.length);
  const zeroed = whole.with(42, 0).with(43, 0);
  const pseudo = Uint8Array.of(...zeroed.subarray(8, 40), 0, 0, 0, 24 + options.length, 0, 0, 0, 58);
  const sum = internetChecksum(Uint8Array.of(...pseudo, ...zeroed.subarray(40)));
  return zeroed.with(42, sum >>> 8).with(43, sum & 0xff);
}

test('options: a strange one is passed over, one without length or beyond the end spoils the message', () => {
  const known = [2, 1, ...mac.toBytes()];
  expect(decodeNdp(withOptions(Uint8Array.of(14, 1, 0, 0, 0, 0, 0, 0, ...known)))).toMatchObject({ mac });
  expect(decodeNdp(withOptions(Uint8Array.of(2, 0, ...mac.toBytes())))).toBeUndefined();
  expect(decodeNdp(withOptions(Uint8Array.of(2, 2, ...mac.toBytes())))).toBeUndefined();
  expect(decodeNdp(withOptions(Uint8Array.of(...known, 2)))).toBeUndefined();
});

test('no octets make a decoder throw', () => {
  let seed = 4;
  const random = () => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return seed >>> 16;
  };
  for (let round = 0; round < 20_000; round++) {
    const base = round % 2 === 0 ? arpProbe : dadSolicitation;
    const octets = base.slice(0, random() % (base.length + 1));
    for (let change = random() % 4; change > 0 && octets.length > 0; change--) {
      octets[random() % octets.length] = random();
    }
    const frame = decodeFrame(octets);
    if (frame !== undefined) {
      decodeArp(frame.payload);
      decodeNdp(frame.payload);
    }
  }
  expect(decodeFrame(arpProbe)).toMatchObject({ type: etherTypes.arp });
  expect(decodeFrame(arpProbe.subarray(0, 13))).toBeUndefined();
});
