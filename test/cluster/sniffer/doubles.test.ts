import { doublesIn } from './doubles.ts';
import type { Claim } from './frame.ts';

const mac = '0a:58:0a:09:01:07';

/** Claims of one address from words such as `0 mac-1 announces`. */
function claims(...words: string[]): Claim[] {
  return words.map((text) => {
    const [time, port = '', what] = text.split(' ');
    return { time: Number(time), port, mac, address: '10.9.1.7', isAnnouncement: what === 'announces' };
  });
}

test('who holds an address alone, for however long, is no double', () => {
  expect(doublesIn(claims('0 mac-1 announces', '2 mac-1 announces', '5 mac-1', '500 mac-1'))).toEqual([]);
});

test('an address may move, and move back', () => {
  expect(
    doublesIn(
      claims('0 mac-1', '9 mac-1', '10 mac-2 announces', '20 mac-2', '21 mac-1 announces', '22 mac-1'),
    ),
  ).toEqual([]);
});

test('who comes back after a long silence has got it anew, even if its announcement was lost', () => {
  expect(doublesIn(claims('0 mac-1', '10 mac-2', '20 mac-2', '100 mac-1'))).toEqual([]);
});

test('two places that both answer hold it at once, with one MAC too', () => {
  expect(
    doublesIn(claims('0 mac-1', '3 mac-1', '4 mac-2 announces', '6 mac-1', '6.1 mac-2', '9 mac-1')),
  ).toEqual([
    '10.9.1.7 was held at mac-1 (0a:58:0a:09:01:07) from 00:00:00.000 to 00:00:09.000 and at ' +
      'mac-2 (0a:58:0a:09:01:07) from 00:00:04.000 to 00:00:06.100: 2.1 s at once',
  ]);
});

test('two MACs at one port are two places', () => {
  const [one, two, three] = claims('0 mac-1', '1 mac-1', '2 mac-1') as [Claim, Claim, Claim];
  const other = '02:00:00:00:00:01';
  expect(doublesIn([one, { ...two, mac: other }, three, { ...two, time: 3, mac: other }])).toHaveLength(1);
});

test('announcing again does not wash off that another answers meanwhile', () => {
  const both = [
    '0 mac-1 announces',
    '1 mac-2 announces',
    '2 mac-1 announces',
    '3 mac-2',
    '3.1 mac-1',
    '6 mac-2',
  ];
  expect(doublesIn(claims(...both)).length).toBeGreaterThan(0);
});
