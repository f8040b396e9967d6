import fc from 'fast-check';
import ip6addr from 'ip6addr';
import { Netmask } from 'netmask';
import { Problem } from '../problem/problem.ts';
import { bitsOf, type Family, Ip } from './ip.ts';

const ipv4 = fc.bigInt(0n, (1n << 32n) - 1n).map((value) => new Ip('ipv4', value));
// Groups drawn with many zeros, so that every way of shortening is met.
const ipv6 = fc
  .array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })), { minLength: 8, maxLength: 8 })
  .map(
    (groups) =>
      new Ip(
        'ipv6',
        groups.reduce((value, next) => (value << 16n) | BigInt(next), 0n),
      ),
  );
const anyIp = fc.oneof(ipv4, ipv6);

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return error instanceof Problem ? error.code : String(error);
  }
  return 'nothing was thrown';
}

describe('what is printed', () => {
  test.each([
    ['FD00:0:0::0007', 'fd00::7'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['1:0:3:4:5:6:7:8', '1:0:3:4:5:6:7:8'],
    ['::', '::'],
    ['1::', '1::'],
    ['::ffff:10.9.0.1', '::ffff:10.9.0.1'],
    ['64:ff9b::10.9.0.1', '64:ff9b::a09:1'],
    ['255.255.255.255', '255.255.255.255'],
  ])('%s is printed as %s (RFC 5952)', (text, printed) => {
    expect(Ip.parse(text).toString()).toBe(printed);
    expect(JSON.stringify({ ip: Ip.parse(text) })).toBe(`{"ip":"${printed}"}`);
  });

  test('what is printed parses to the same address', () => {
    fc.assert(fc.property(anyIp, (ip) => Ip.parse(ip.toString()).equals(ip)));
    fc.assert(fc.property(anyIp, (ip) => Ip.fromBytes(ip.toBytes()).equals(ip)));
  });
});

describe('what is refused', () => {
  test.each([
    '',
    '1',
    '1..2',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '010.0.0.1',
    '10.0.0.1 ',
    ' 10.0.0.1',
    '10.0.0.1\n',
    '0x7f.0.0.1',
    '10.0.0.1/24',
    '10.0.0.1x',
    '-1.0.0.0',
    '１.2.3.4',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2:3:4:5:6:7:8',
    'fe80::1%eth0',
    'fd00::00001',
    'fd00::g',
    '[::1]',
    '::1.2.3',
    '1.2.3.4::',
    '::010.0.0.1',
    '::1.2.3.256',
    ':1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:',
  ])('%j is refused', (text) => {
    expect(codeOf(() => Ip.parse(text))).toBe('INVALID_ADDRESS');
  });

  test('no text makes the parser throw anything but INVALID_ADDRESS', () => {
    const digits = fc.string({
      unit: fc.constantFrom(...'0123456789abcdef.:/%- x'.split('')),
      maxLength: 45,
    });
    fc.assert(
      fc.property(fc.oneof(digits, fc.string()), (text) => {
        const outcome = codeOf(() => Ip.parse(text));
        return outcome === 'INVALID_ADDRESS' || outcome === 'nothing was thrown';
      }),
    );
  });

  test('arithmetic past either end of a family is refused', () => {
    expect(codeOf(() => Ip.parse('255.255.255.255').plus(1n))).toBe('INVALID_ADDRESS');
    expect(codeOf(() => Ip.parse('::').plus(-1n))).toBe('INVALID_ADDRESS');
    expect(codeOf(() => Ip.fromBytes(new Uint8Array(5)))).toBe('INVALID_ADDRESS');
  });
});

describe('held against ip6addr and netmask', () => {
  const oracle = (text: string) => Ip.fromBytes(Uint8Array.from(ip6addr.parse(text).toBuffer()));

  test('IPv6 means the same to ip6addr, and both print it alike', () => {
    fc.assert(
      fc.property(ipv6, (ip) => {
        const groups = ip.toString();
        expect(oracle(groups).value).toBe(ip.value);
        // Known leniencies of ip6addr: it shortens a single zero group, and prints IPv4-mapped ones as IPv4.
        const single = ip6addr.parse(groups).toString({ format: 'v6' });
        expect(Ip.parse(single).equals(ip)).toBe(true);
      }),
    );
  });

  test('what ip6addr and netmask let through and we refuse, by name', () => {
    expect(ip6addr.parse('010.0.0.1').toString()).toBe('10.0.0.1');
    expect(ip6addr.parse('fd00::00001').toString()).toBe('fd00::1');
    expect(new Netmask('0x7f.1').base).toBe('127.0.0.1');
    for (const text of ['010.0.0.1', 'fd00::00001', '0x7f.1', '12345', 'fe80::1%eth0']) {
      expect(codeOf(() => Ip.parse(text))).toBe('INVALID_ADDRESS');
    }
  });

  test('IPv4 means the same to netmask', () => {
    fc.assert(
      fc.property(ipv4, (ip) => {
        expect(new Netmask(`${ip}/32`).base).toBe(ip.toString());
        expect(BigInt(new Netmask(`${ip}/32`).netLong)).toBe(ip.value);
      }),
    );
  });
});

describe('order and arithmetic', () => {
  test('addresses sort as numbers, IPv4 first', () => {
    const sorted = ['fd00::1', '10.0.0.10', '10.0.0.9', '::1']
      .map((text) => Ip.parse(text))
      .sort((a, b) => a.compare(b));
    expect(sorted.map(String)).toEqual(['10.0.0.9', '10.0.0.10', '::1', 'fd00::1']);
  });

  test('plus is the arithmetic of plain numbers', () => {
    const families: Family[] = ['ipv4', 'ipv6'];
    fc.assert(
      fc.property(fc.constantFrom(...families), fc.nat(), fc.nat(), (family, a, b) => {
        const half = 1n << BigInt(bitsOf(family) - 1);
        return new Ip(family, half + BigInt(a)).plus(BigInt(b - a)).value === half + BigInt(b);
      }),
    );
  });
});
