import { Ip } from '../../../core/address/ip.ts';
import { Mac } from '../../../core/address/mac.ts';
import { announcementFrame } from '../../probe/announcement.ts';
import { saidIn } from '../../probe/claim.ts';
import { questionFrame } from '../../probe/question.ts';
import type { Watched } from '../doors.ts';
import { Claims, tellEvery } from './claims.ts';

const [ipv4, ipv6] = [Ip.parse('10.9.1.5'), Ip.parse('fd00:9::a09:105')] as const;
const master = Mac.parse('52:54:00:00:00:01');
const rogue = Mac.parse('52:54:00:12:34:56');
/** Both addresses end alike. */
const derived = Mac.derived('0a:58', ipv4);

function claimsOn(what: Watched): Claims {
  const claims = new Claims();
  claims.watch(ipv4, what);
  claims.watch(ipv6, what);
  return claims;
}

/** What the watch makes of a frame, by the way that the thread goes. */
function verdict(claims: Claims, frame: Uint8Array) {
  const said = claims.mayConcern(frame) ? saidIn(frame) : undefined;
  return said && claims.judge(said, [master]);
}

test.each([ipv4, ipv6])('who says that it has %s is foreign, whatever the address is to this node', (ip) => {
  for (const what of ['reserve', 'in-use', 'behind-node'] as const) {
    expect(verdict(claimsOn(what), announcementFrame(rogue, ip))).toBe('foreign');
  }
});

test.each([ipv4, ipv6])(
  'a probe for %s takes what is in reserve; for what is in use it is a question',
  (ip) => {
    const probe = questionFrame(rogue, ip);
    expect(verdict(claimsOn('reserve'), probe)).toBe('foreign');
    expect(verdict(claimsOn('in-use'), probe)).toBe('question');
    expect(verdict(claimsOn('behind-node'), probe)).toBe('question');
  },
);

test.each([ipv4, ipv6])(
  'the MAC of %s is a twin’s beside a living pod, and foreign where no pod has it',
  (ip) => {
    const frame = announcementFrame(derived, ip);
    expect(verdict(claimsOn('in-use'), frame)).toBe('twin');
    expect(verdict(claimsOn('reserve'), frame)).toBe('foreign');
    expect(verdict(claimsOn('behind-node'), frame)).toBe('foreign');
  },
);

test.each([ipv4, ipv6])('the node itself may probe, answer for and announce %s', (ip) => {
  for (const what of ['reserve', 'in-use', 'behind-node'] as const) {
    expect(verdict(claimsOn(what), announcementFrame(master, ip))).toBeUndefined();
    expect(verdict(claimsOn(what), questionFrame(master, ip))).toBeUndefined();
  }
});

test('an address that is watched no more, never was, or ends like one that is, is nobody’s business', () => {
  const claims = claimsOn('in-use');
  claims.watch(ipv4, undefined);
  claims.watch(ipv4, undefined);
  expect(verdict(claims, announcementFrame(rogue, ipv4))).toBeUndefined();
  expect(verdict(claims, announcementFrame(rogue, Ip.parse('fd00:8::a09:105')))).toBeUndefined();
  expect(verdict(claims, announcementFrame(rogue, ipv6))).toBe('foreign');
  claims.watch(ipv6, undefined);
  expect(claims.mayConcern(announcementFrame(rogue, ipv6))).toBe(false);
});

test('a sender that is no host’s MAC claims nothing', () => {
  for (const mac of ['00:00:00:00:00:00', 'ff:ff:ff:ff:ff:ff', '01:00:5e:00:00:01']) {
    expect(verdict(claimsOn('reserve'), announcementFrame(Mac.parse(mac), ipv4))).toBeUndefined();
  }
});

test('a claim is told at once, then once a minute with how often it was heard', () => {
  const claims = claimsOn('in-use');
  const heard = (now: number) => claims.tell({ ip: ipv4, mac: rogue }, now)?.frames;
  expect([0, 1, 2, tellEvery - 1].map(heard)).toEqual([1, undefined, undefined, undefined]);
  expect(heard(tellEvery)).toBe(4);
  expect(heard(tellEvery + 1)).toBeUndefined();
  expect(claims.tell({ ip: ipv6, mac: rogue }, 5)).toEqual({
    ip: ipv6,
    mac: rogue,
    what: 'in-use',
    frames: 1,
  });
});

test('an address that comes back is told of anew', () => {
  const claims = claimsOn('in-use');
  claims.tell({ ip: ipv4, mac: rogue }, 0);
  claims.watch(ipv4, undefined);
  expect(claims.tell({ ip: ipv4, mac: rogue }, 1)).toBeUndefined();
  claims.watch(ipv4, 'reserve');
  expect(claims.tell({ ip: ipv4, mac: rogue }, 2)).toMatchObject({ what: 'reserve', frames: 1 });
});
