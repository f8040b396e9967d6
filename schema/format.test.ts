import { type FormatName, formats, matches, whyNot } from './format.ts';

const samples: Record<FormatName, { good: string[]; bad: string[] }> = {
  ip: {
    good: ['10.9.1.7', 'FD00::7'],
    bad: ['010.9.1.7', '10.9.1', 'fe80::1%eth0', ' 10.9.1.7', '10.9.1.7/16'],
  },
  cidr: { good: ['10.9.0.0/16', '::/0'], bad: ['10.9.0.1/16', '10.9.0.0', '10.9.0.0/033'] },
  'ip-with-prefix': { good: ['10.9.0.1/16'], bad: ['10.9.0.1'] },
  'ip-range': { good: ['10.9.0.1', '10.9.0.1-10.9.0.9'], bad: ['10.9.0.9-10.9.0.1', '10.9.0.1-'] },
  'time-span': { good: ['24h', '1h30m', '0s', '90d'], bad: ['', '1w', '91d', '-1h', '24'] },
  mac: { good: ['0A:58:0a:09:01:07'], bad: ['01:00:5e:00:00:01', '00:00:00:00:00:00', '0a-58-0a-09-01-07'] },
  'seen-mac': { good: ['ff:ff:ff:ff:ff:ff', '00:00:00:00:00:00'], bad: ['0a:58:0a:09:01', ''] },
  'mac-prefix': { good: ['0a:58'], bad: ['01:58', '08:58', '0a'] },
  'dns-1123-subdomain': { good: ['a', 'a-b.c9'], bad: ['', 'A', '-a', 'a-', 'a..b', 'a_b', 'a'.repeat(254)] },
  'cni-name': { good: ['cbr0', 'A.b_c-d'], bad: ['', '-a', 'a/b', 'a b', 'a'.repeat(257)] },
  'device-name': { good: ['eth0', 'ä'.repeat(7)], bad: ['', '.', '..', 'a/b', 'a:b', 'a b', 'ä'.repeat(8)] },
};

test.each(Object.keys(formats) as FormatName[])(
  'the format %s takes the good and says why it refuses the bad',
  (format) => {
    const { good, bad } = samples[format];
    for (const text of good) {
      expect([text, whyNot(format, text)]).toEqual([text, null]);
    }
    for (const text of bad) {
      expect([text, matches(format, text)]).toEqual([text, false]);
      expect(whyNot(format, text)?.kind.status).toBe(400);
    }
  },
);
