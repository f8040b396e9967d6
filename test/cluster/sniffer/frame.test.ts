import { claimIn } from './frame.ts';

const head = '1795308880.292749 mac-1 B   ifindex 3 0a:58:0a:09:01:07 ethertype ARP (0x0806), length 48: ';
const said = { time: 1795308880.292749, port: 'mac-1', mac: '0a:58:0a:09:01:07', address: '10.9.1.7' };

test.each([
  ['a reply', 'Reply 10.9.1.7 is-at 0a:58:0a:09:01:07, length 28', false],
  ['a question', 'Request who-has 10.9.0.1 tell 10.9.1.7, length 28', false],
  ['a question with a MAC', 'Request who-has 10.9.0.1 (ff:ff:ff:ff:ff:ff) tell 10.9.1.7, length 28', false],
  ['an announcement', 'Request who-has 10.9.1.7 (ff:ff:ff:ff:ff:ff) tell 10.9.1.7, length 28', true],
])('%s claims its sender’s address', (_, text, isAnnouncement) => {
  expect(claimIn(`${head}${text}`)).toEqual({ ...said, isAnnouncement });
});

test.each([
  ['a probe', `${head}Request who-has 10.9.1.9 (ff:ff:ff:ff:ff:ff) tell 0.0.0.0, length 28`],
  ['another line', '6 packets captured'],
])('%s claims nothing', (_, line) => {
  expect(claimIn(line)).toBeNull();
});
