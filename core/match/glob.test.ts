import fc from 'fast-check';
import { fitsGlob } from './glob.ts';

test('the whole name is matched', () => {
  expect(fitsGlob('kube-system', 'kube-system')).toBe(true);
  expect(fitsGlob('kube-system', 'kube')).toBe(false);
  expect(fitsGlob('my-kube-system', 'kube-*')).toBe(false);
  expect(fitsGlob('kube-', 'kube-*')).toBe(true);
  expect(fitsGlob('aba', 'ab*ba')).toBe(false);
});

test('the star is the only wildcard', () => {
  expect(fitsGlob('kubexsystem', 'kube?system')).toBe(false);
  expect(fitsGlob('kubexsystem', 'kube.system')).toBe(false);
  expect(fitsGlob('a', '[ab]')).toBe(false);
});

test('it agrees with a regular expression on all small cases', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
  fc.assert(
    fc.property(word, word, (text, pattern) => {
      const oracle = new RegExp(`^${pattern.replaceAll('*', '.*')}$`);
      expect(fitsGlob(text, pattern)).toBe(oracle.test(text));
    }),
  );
});

test('many stars stay quick', () => {
  expect(fitsGlob('a'.repeat(5000), `${'*a'.repeat(2000)}*b`)).toBe(false);
});
