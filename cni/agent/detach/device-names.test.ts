import { deviceNames, pairOf } from './device-names.ts';

const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop
    lo:       0       0    0    0    0     0          0         0        0       0    0    0
  eth0: 1200000    1000    0    0    0     0          0         0        0       0    0    0
realip7:      0       0    0    0    0     0          0         0        0       0    0    0
`;

test('the names of a namespace', () => {
  expect(deviceNames(text)).toEqual(['lo', 'eth0', 'realip7']);
});

test('the pair beside an interface bears its index', () => {
  expect(pairOf(['lo', 'eth0'], 7)).toBeUndefined();
  expect(pairOf(['lo', 'eth0', 'realip7'], 7)).toBe('realip7');
});

test('where several networks have pairs, or the interface went first, the names don’t tell', () => {
  expect(pairOf(['lo', 'eth0', 'realip7', 'realip9'], 7)).toBe('unclear');
  expect(pairOf(['lo', 'realip7'], undefined)).toBe('unclear');
  expect(pairOf(['lo', 'eth0', 'realip9'], 7)).toBe('unclear');
});
