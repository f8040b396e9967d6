import { encodeIfInfo } from '../../../netlink/message/link.ts';
import { encodeMessage, messageTypes } from '../../../netlink/message/message.ts';
import { concat, u32 } from '../../../netlink/message/octets.ts';
import { endOf } from './link-end.ts';

const message = (type: number, body: Uint8Array) =>
  encodeMessage({ type, flags: 0, sequence: 1, port: 0, body });
const notice = (type: number, index: number) => message(type, encodeIfInfo(index));
const verdict = (errno: number) =>
  message(messageTypes.NLMSG_ERROR, concat([u32(-errno), new Uint8Array(16)]));

test('the kernel’s notice ends the link, and only its own', () => {
  expect(endOf(notice(messageTypes.RTM_DELLINK, 7), 7)).toBe('gone');
  expect(endOf(notice(messageTypes.RTM_DELLINK, 8), 7)).toBeUndefined();
  expect(endOf(notice(messageTypes.RTM_NEWLINK, 7), 7)).toBeUndefined();
  const both = concat([notice(messageTypes.RTM_NEWLINK, 7), notice(messageTypes.RTM_DELLINK, 7)]);
  expect(endOf(both, 7)).toBe('gone');
});

test('a bridge that loses a port says nothing about the link', () => {
  const ofBridge = notice(messageTypes.RTM_DELLINK, 7);
  ofBridge[16] = 7;
  expect(endOf(ofBridge, 7)).toBeUndefined();
});

test('the answer: done, gone before, refused', () => {
  expect(endOf(verdict(0), 7)).toBe('gone');
  expect(endOf(verdict(19), 7)).toBe('gone');
  expect(endOf(verdict(1), 7)).toBe(1);
});
