import { wishesOf } from './annotations.ts';

test('annotations say what a pod wishes; empty ones and others’ say nothing', () => {
  expect(
    wishesOf({
      'realip.io/addresses': '10.9.1.7,FD00::7',
      'realip.io/sticky': 'owner',
      'realip.io/retain': '24h',
      'realip.io/spare': '2',
    }),
  ).toEqual({ addresses: ['10.9.1.7', 'fd00::7'], keeping: { sticky: 'owner', retain: '24h', spare: 2 } });
  expect(wishesOf({ 'realip.io/addresses': '', 'other.io/sticky': 'pod' })).toEqual({ keeping: {} });
});

test.each([
  ['addresses', '10.9.1.07'],
  ['addresses', '10.9.1.7/16'],
  ['addresses', '10.9.1.7,10.9.1.8'],
  ['sticky', 'always'],
  ['retain', 'a day'],
  ['retain', '24h '],
  ['spare', '-1'],
  ['spare', '999999'],
])('the annotation realip.io/%s: %s is refused by its name', (name, text) => {
  expect(() => wishesOf({ [`realip.io/${name}`]: text })).toThrow(`realip.io/${name}`);
});
