import { isOlder } from './kernel-release.ts';

test.each([
  ['4.18.0-553.el8_10.x86_64', true],
  ['5.4.0-150-generic', true],
  ['5.6', true],
  ['5.7.0', false],
  ['5.15.0-105-generic', false],
  ['6.1-rc3', false],
])('%s is older than 5.7: %s', (release, expected) => {
  expect(isOlder(release, 5, 7)).toBe(expected);
});
