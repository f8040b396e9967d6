import { Ip } from '../../core/address/ip.ts';
import { Mac } from '../../core/address/mac.ts';
import { arpRequest, encodeArp } from './arp.ts';
import { claimIn } from './claim.ts';
import { broadcast, encodeFrame, etherTypes } from './ethernet.ts';
import { encodeNdp, type Ndp, solicitedNode } from './ndp.ts';
import { questionFrame } from './question.ts';

const own = Mac.parse('02:00:00:00:00:01');
const other = Mac.parse('02:00:00:00:00:02');
const ours = [Ip.parse('10.9.1.5'), Ip.parse('fd00:9::5')] as const;
const neighbour = [Ip.parse('10.9.0.99'), Ip.parse('fd00:9::99')] as const;

const claim = (frame: Uint8Array) => claimIn(frame, ours, [own]);

const ndpFrame = (ndp: Ndp, source = other) =>
  encodeFrame({ destination: broadcast, source, type: etherTypes.ipv6, payload: encodeNdp(ndp) });
const arpFrame = (arp: Parameters<typeof encodeArp>[0]) =>
  encodeFrame({
    destination: broadcast,
    source: arp.senderMac,
    type: etherTypes.arp,
    payload: encodeArp(arp),
  });

const reply = {
  operation: 'reply' as const,
  senderMac: other,
  senderIp: ours[0],
  targetMac: own,
  targetIp: neighbour[0],
};
const advertisement = {
  kind: 'advertisement' as const,
  source: ours[1],
  destination: Ip.parse('ff02::1'),
  target: ours[1],
};

test('an answer is a claim', () => {
  expect(claim(arpFrame(reply))).toEqual({ ip: ours[0], mac: other });
  expect(claim(ndpFrame({ ...advertisement, mac: other }))).toEqual({ ip: ours[1], mac: other });
});

test('an advertisement that doesn’t say its MAC has it in the frame', () => {
  expect(claim(ndpFrame(advertisement))).toEqual({ ip: ours[1], mac: other });
});

test('whatever is sent from the address is a claim, also to somebody else', () => {
  expect(claim(arpFrame(arpRequest(other, ours[0], neighbour[0])))).toEqual({ ip: ours[0], mac: other });
});

test('another host’s probe for the same address is a claim', () => {
  expect(claim(questionFrame(other, ours[0]))).toEqual({ ip: ours[0], mac: other });
  expect(claim(questionFrame(other, ours[1]))).toEqual({ ip: ours[1], mac: other });
});

test('who merely asks for the address claims nothing', () => {
  expect(claim(questionFrame(other, ours[0], neighbour[0]))).toBeUndefined();
  expect(claim(questionFrame(other, ours[1], neighbour[1]))).toBeUndefined();
});

test('our own probes, sent back by a switch, are no claim', () => {
  expect(claim(questionFrame(own, ours[0]))).toBeUndefined();
  expect(claim(questionFrame(own, ours[1]))).toBeUndefined();
});

test('claims on other addresses are none of ours', () => {
  expect(claim(arpFrame({ ...reply, senderIp: neighbour[0], targetIp: ours[0] }))).toBeUndefined();
  expect(claim(ndpFrame({ ...advertisement, target: neighbour[1] }))).toBeUndefined();
  expect(claim(questionFrame(other, neighbour[1]))).toBeUndefined();
});

test('neither a reply from nobody nor another protocol is a claim', () => {
  expect(claim(arpFrame({ ...reply, senderIp: Ip.parse('0.0.0.0'), targetIp: ours[0] }))).toBeUndefined();
  const payload = encodeNdp({ ...advertisement, destination: solicitedNode(ours[1]) });
  const vlan = encodeFrame({ destination: broadcast, source: other, type: 0x8100, payload });
  expect(claim(vlan)).toBeUndefined();
  expect(claim(new Uint8Array(3))).toBeUndefined();
});
