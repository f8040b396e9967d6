import { parseDuration } from './duration.ts';

test.each([
  ['24h', 86_400],
  ['1h30m', 5_400],
  ['7d', 604_800],
  ['90s', 90],
  ['0s', 0],
  ['1d2h3m4s', 93_784],
])('%s is %d seconds', (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds);
});

test.each(['', '24', 'h', '-1h', '1.5h', '1h 30m', '30m1h', '1H', '1w', '9999999999s', '1h\n'])(
  '%j is no duration',
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);
