import { isLabelKey, isLabelValue, isSubdomain } from './label-syntax.ts';

test('label keys have an optional DNS prefix and one slash', () => {
  for (const key of ['app', 'realip.io/zone', 'a.b/c_D.e-f', `x/${'a'.repeat(63)}`]) {
    expect([key, isLabelKey(key)]).toEqual([key, true]);
  }
  for (const key of ['', '/zone', 'realip.io/', 'a/b/c', 'Real.io/x', '-a', `x/${'a'.repeat(64)}`, 'a b']) {
    expect([key, isLabelKey(key)]).toEqual([key, false]);
  }
});

test('label values may be empty and end with letters or digits', () => {
  for (const value of ['', 'a', 'A_1.b-c', 'a'.repeat(63)]) {
    expect([value, isLabelValue(value)]).toEqual([value, true]);
  }
  for (const value of ['a'.repeat(64), '-a', 'a.', 'a/b', ' ']) {
    expect([value, isLabelValue(value)]).toEqual([value, false]);
  }
});

test('a subdomain is lower case and has no empty part', () => {
  expect(isSubdomain('corp.example')).toBe(true);
  expect(isSubdomain('corp..example')).toBe(false);
  expect(isSubdomain('Corp.example')).toBe(false);
  expect(isSubdomain(`${'a.'.repeat(127)}a`)).toBe(false);
});
