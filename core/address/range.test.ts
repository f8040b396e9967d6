import fc from 'fast-check';
import { Ip } from './ip.ts';
import { Range } from './range.ts';

const base = Ip.parse('10.9.0.0');
const octets = fc.integer({ min: 0, max: 63 });
const small = fc.tuple(octets, octets).map(([a, b]) => {
  const [first, last] = a < b ? [a, b] : [b, a];
  return new Range(base.plus(BigInt(first)), base.plus(BigInt(last)));
});

function listed(range: Range): string[] {
  return Array.from({ length: Number(range.size) }, (_, i) => range.first.plus(BigInt(i)).toString());
}

test('a range is written as one address or two', () => {
  expect(Range.parse('10.9.0.7').toString()).toBe('10.9.0.7');
  expect(Range.parse('10.9.0.7-10.9.0.9').size).toBe(3n);
});

test.each([
  '',
  '10.9.0.9-10.9.0.7',
  '10.9.0.1-',
  '-10.9.0.1',
  '10.9.0.1-10.9.0.2-10.9.0.3',
  '10.9.0.1-fd00::1',
  '10.9.0.1 - 10.9.0.2',
])('%j is no range', (text) => {
  expect(() => Range.parse(text)).toThrow();
});

test('what is subtracted is gone, and nothing else', () => {
  fc.assert(
    fc.property(small, fc.array(small, { maxLength: 6 }), (range, holes) => {
      const expected = listed(range).filter((ip) => !holes.some((hole) => hole.contains(Ip.parse(ip))));
      const left = range.minus(holes);
      expect(left.flatMap(listed)).toEqual(expected);
      // In order and never touching: two neighbours would have been one.
      for (let i = 1; i < left.length; i++) {
        const [before, after] = [left[i - 1], left[i]];
        expect(before && after && after.first.value - before.last.value > 1n).toBe(true);
      }
    }),
  );
});

test('a subtraction at the ends of the address space stays within it', () => {
  const all = new Range(Ip.parse('0.0.0.0'), Ip.parse('255.255.255.255'));
  expect(all.minus([all])).toEqual([]);
  expect(all.minus([Range.parse('255.255.255.255')]).map(String)).toEqual(['0.0.0.0-255.255.255.254']);
});

test('overlap and cover agree with lists of addresses', () => {
  fc.assert(
    fc.property(small, small, (a, b) => {
      const inA = new Set(listed(a));
      expect(a.overlaps(b)).toBe(listed(b).some((ip) => inA.has(ip)));
      expect(a.covers(b)).toBe(listed(b).every((ip) => inA.has(ip)));
    }),
  );
});
