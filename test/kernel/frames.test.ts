import { execFileSync } from 'node:child_process';
import { announcementFrame } from '../../cni/probe/announcement.ts';
import { questionFrame } from '../../cni/probe/question.ts';
import { Ip } from '../../core/address/ip.ts';
import { Mac } from '../../core/address/mac.ts';

const mac = Mac.parse('0a:58:0a:09:01:05');

/** A pcap file of one Ethernet frame, as tcpdump reads it. */
function pcap(frame: Uint8Array): Buffer {
  const numbers = Uint32Array.of(0xa1b2c3d4, 0x00040002, 0, 0, 65_535, 1, 0, 0, frame.length, frame.length);
  return Buffer.concat([Buffer.from(numbers.buffer), frame]);
}

/** What tcpdump, verbose, makes of a frame: it says so when lengths or the checksum are wrong. */
function decoded(frame: Uint8Array): string {
  const text = execFileSync('tcpdump', ['-r', '-', '-n', '-e', '-t', '-vv'], {
    input: pcap(frame),
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  return text.replace(/\s+/g, ' ').trim();
}

test('tcpdump reads an ARP probe and an ordinary request as such', () => {
  const ip = Ip.parse('10.9.1.5');
  expect(decoded(questionFrame(mac, ip))).toBe(
    '0a:58:0a:09:01:05 > ff:ff:ff:ff:ff:ff, ethertype ARP (0x0806), length 42: Ethernet (len 6), IPv4 (len 4), ' +
      'Request who-has 10.9.1.5 tell 0.0.0.0, length 28',
  );
  expect(decoded(questionFrame(mac, ip, Ip.parse('10.9.0.11')))).toContain(
    'Request who-has 10.9.1.5 tell 10.9.0.11, length 28',
  );
});

test('tcpdump reads solicitations with the right checksum, hop limit and option', () => {
  const ip = Ip.parse('fd00:9::12:3456');
  const probe = decoded(questionFrame(mac, ip));
  expect(probe).toContain('33:33:ff:12:34:56, ethertype IPv6 (0x86dd), length 78');
  expect(probe).toContain('hlim 255, next-header ICMPv6 (58) payload length: 24) :: > ff02::1:ff12:3456:');
  expect(probe).toContain('[icmp6 sum ok] ICMP6, neighbor solicitation, length 24, who has fd00:9::12:3456');
  expect(probe).not.toContain('option');
  const ordinary = decoded(questionFrame(mac, ip, Ip.parse('fd00:9::11')));
  expect(ordinary).toContain('fd00:9::11 > ff02::1:ff12:3456: [icmp6 sum ok]');
  expect(ordinary).toContain('source link-address option (1), length 8 (1): 0a:58:0a:09:01:05');
});

test('tcpdump reads an announcement by ARP: sender and target are the address', () => {
  expect(decoded(announcementFrame(mac, Ip.parse('10.9.1.5')))).toContain(
    'ff:ff:ff:ff:ff:ff, ethertype ARP (0x0806), length 42: Ethernet (len 6), IPv4 (len 4), Request who-has 10.9.1.5 tell 10.9.1.5',
  );
});

test('tcpdump reads an advertisement with the target’s MAC', () => {
  const target = Ip.parse('fd00:9::5');
  const text = decoded(announcementFrame(mac, target));
  expect(text).toContain('> 33:33:00:00:00:01, ethertype IPv6');
  expect(text).toContain('fd00:9::5 > ff02::1: [icmp6 sum ok]');
  expect(text).toContain('Flags [override]');
  expect(text).toContain('[icmp6 sum ok] ICMP6, neighbor advertisement, length 32, tgt is fd00:9::5');
  expect(text).toContain('destination link-address option (2), length 8 (1): 0a:58:0a:09:01:05');
});
