import fc from 'fast-check';
import { asWarning, mostCharacters } from './warning.ts';

test('a warning is one printable line of at most 120 characters, whatever it is made of', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      const warning = asWarning(text);
      expect([...warning].length).toBeLessThanOrEqual(mostCharacters);
      expect(warning).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    }),
    { numRuns: 3000 },
  );
});

test('what fits stays as it is; what is cut shows it', () => {
  expect(asWarning('x'.repeat(120))).toBe('x'.repeat(120));
  expect(asWarning('x'.repeat(121))).toBe(`${'x'.repeat(119)}…`);
  expect(asWarning('a\n\u001b[31mb\u202e')).toBe('a [31mb');
});
