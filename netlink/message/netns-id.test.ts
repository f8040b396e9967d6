import { vector } from '../testing/vector.ts';
import { decodeNetnsId, getNetnsId } from './netns-id.ts';

test('an id is asked for by descriptor', () => {
  const octets = vector(`
    00 00 00 00              # struct rtgenmsg
    08 00 03 00  07 00 00 00 # NETNSA_FD 7`);
  expect(getNetnsId(7)).toEqual({ type: 90, flags: 0, body: octets }); // RTM_GETNSID
});

test('the answer is an id, or that there is none yet', () => {
  expect(decodeNetnsId(vector('00 00 00 00  08 00 01 00  02 00 00 00'))).toBe(2);
  expect(decodeNetnsId(vector('00 00 00 00  08 00 01 00  ff ff ff ff'))).toBeUndefined();
});
