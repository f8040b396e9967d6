import { Ip } from '../../../core/address/ip.ts';
import { Mac } from '../../../core/address/mac.ts';
import { announcementFrame } from '../../probe/announcement.ts';
import { probeAnswer } from './answer.ts';
import { mostSources, sourcesAge, Tally } from './tally.ts';

const macOf = (number: number) => Mac.fromBytes(Uint8Array.of(2, 0, 0, number >>> 16, number >>> 8, number));
const broadcastOf = (number: number) => announcementFrame(macOf(number), Ip.parse('10.9.1.5'));

test('what is sent to all or to a group is counted, by kind; what is sent to one host is not', () => {
  const tally = new Tally();
  tally.count(broadcastOf(1));
  tally.count(broadcastOf(1));
  tally.count(announcementFrame(macOf(2), Ip.parse('fd00:9::5')));
  tally.count(probeAnswer(macOf(3), Ip.parse('10.9.1.5'), macOf(4)));
  tally.lost(7);
  expect(tally.at(0)).toEqual({ arp: 2, ndp: 1, dropped: 7, sources: 3 });
});

test('a MAC counts for one to two ages after it spoke last', () => {
  const tally = new Tally();
  tally.at(0);
  tally.count(broadcastOf(1));
  tally.count(broadcastOf(2));
  expect(tally.at(sourcesAge).sources).toBe(2);
  tally.count(broadcastOf(2));
  expect(tally.at(2 * sourcesAge - 1).sources).toBe(2);
  expect(tally.at(2 * sourcesAge).sources).toBe(1);
  expect(tally.at(3 * sourcesAge).sources).toBe(0);
});

test('a host that makes up MACs doesn’t use up memory', () => {
  const tally = new Tally();
  for (let number = 0; number < mostSources + 1_000; number++) {
    tally.count(broadcastOf(number));
  }
  expect(tally.at(0).sources).toBe(mostSources);
  expect(tally.at(sourcesAge).sources).toBe(mostSources);
  tally.count(broadcastOf(5));
  tally.count(broadcastOf(mostSources + 5));
  expect(tally.at(sourcesAge + 1).sources).toBe(mostSources);
});
