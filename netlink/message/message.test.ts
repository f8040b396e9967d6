import { vector } from '../testing/vector.ts';
import { decodeMessages, encodeMessage } from './message.ts';

const octets = vector(`
  14 00 00 00  # 20 octets
  12 00        # RTM_GETLINK
  05 00        # NLM_F_REQUEST | NLM_F_ACK
  07 00 00 00  # sequence 7
  00 00 00 00  # to the kernel
  01 02 03 04`);
const message = { type: 18, flags: 5, sequence: 7, port: 0, body: vector('01 02 03 04') };

test('a message is written and read', () => {
  expect(encodeMessage(message)).toEqual(octets);
  expect(decodeMessages(octets)).toEqual([message]);
});

test('a datagram may hold several messages, each aligned to four octets', () => {
  const first = { ...message, body: vector('01') };
  const both = Uint8Array.from([...encodeMessage(first), 0, 0, 0, ...octets]);
  expect(decodeMessages(both)).toEqual([first, message]);
});

test('a message longer than its datagram is an error', () => {
  expect(() => decodeMessages(octets.slice(0, 18))).toThrow('a netlink message of 20 octets in the 18');
});
