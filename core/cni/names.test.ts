import { faultOfIfname, isContainerId, isNetworkName } from './names.ts';

test.each(['a', '0', 'k8s_pod-1.x', 'A'.repeat(200)])('%s names a container and a network', (text) => {
  expect(isContainerId(text)).toBe(true);
  expect(isNetworkName(text)).toBe(true);
});

test.each(['', '-a', '.a', '_a', 'a/b', 'a b', 'a\n', 'ä', '../x'])('%j names neither', (text) => {
  expect(isContainerId(text)).toBe(false);
  expect(isNetworkName(text)).toBe(false);
});

test.each(['eth0', 'net1.100', 'a', 'exactly15bytes_'])('%s is an interface name', (text) => {
  expect(faultOfIfname(text)).toBeUndefined();
});

test.each([
  ['', 'is empty'],
  ['sixteen_bytes_xx', 'is longer than 15 bytes'],
  ['ääääääää', 'is longer than 15 bytes'],
  ['.', 'is a folder'],
  ['..', 'is a folder'],
  ['a/b', 'holds'],
  ['a:1', 'holds'],
  ['a b', 'holds'],
  ['a\tb', 'holds'],
  ['eth%d', 'holds "%"'],
])('%j is no interface name: it %s', (text, fault) => {
  expect(faultOfIfname(text)).toContain(fault);
});
