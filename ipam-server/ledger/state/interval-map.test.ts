import fc from 'fast-check';
import { Ip } from '../../../core/address/ip.ts';
import { Range } from '../../../core/address/range.ts';
import { IntervalMap } from './interval-map.ts';

const base = Ip.parse('10.9.0.0');
const at = (offset: number) => base.plus(BigInt(offset));

test('an address is found in the range that holds it, and in none otherwise', () => {
  // Sorted distinct offsets, taken in pairs, are ranges that never overlap.
  const bounds = fc.uniqueArray(fc.nat(200), { maxLength: 20 }).map((all) => all.sort((a, b) => a - b));
  fc.assert(
    fc.property(bounds, fc.nat(210), (offsets, asked) => {
      const ranges: Range[] = [];
      for (let i = 0; i + 1 < offsets.length; i += 2) {
        ranges.push(new Range(at(offsets[i] ?? 0), at(offsets[i + 1] ?? 0)));
      }
      const found = new IntervalMap([...ranges].reverse(), (range) => range).find(at(asked));
      expect(found).toBe(ranges.find((range) => range.contains(at(asked))));
    }),
  );
});

test('an address of the other family is in no range', () => {
  const all = new Range(Ip.parse('0.0.0.0'), Ip.parse('255.255.255.255'));
  expect(new IntervalMap([all], (range) => range).find(Ip.parse('::1'))).toBeUndefined();
});
