import { Ip } from '../../../core/address/ip.ts';
import { Mac } from '../../../core/address/mac.ts';
import { announcementFrame } from '../../probe/announcement.ts';
import { saidIn } from '../../probe/claim.ts';
import { Echo } from './echo.ts';

const master = Mac.parse('52:54:00:00:00:01');
const echo = () => new Echo(master, Mac.parse('f6:01:02:03:04:05'));

test('its own frame that comes back is known by its mark', () => {
  const one = echo();
  one.take(new Echo(master, Mac.parse('f6:01:02:03:04:06')).frame(), 5);
  one.take(announcementFrame(master, Ip.parse('10.9.1.5')), 5);
  expect(one.isHeardSince(0)).toBe(false);
  one.take(one.frame(), 7);
  expect([7, 8].map((time) => one.isHeardSince(time))).toEqual([true, false]);
});

test('its frame speaks of no address that anybody has', () => {
  expect(saidIn(echo().frame())).toEqual({ ip: Ip.parse('0.0.0.0'), mac: master, how: 'probes' });
});
