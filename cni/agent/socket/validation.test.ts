import { AllocationRequest } from '../../../schema/allocation.ts';
import { checkerOf } from './validation.ts';

const check = checkerOf('body', AllocationRequest);
const good = { node: 'n1', network: 'real', containerId: 'c1', ifname: 'eth0' };

test('a good request passes as it is', () => {
  expect(check(good)).toBe(good);
});

test.each<[object, string, string]>([
  [{ ...good, colour: 'red' }, 'INVALID_REQUEST', 'body: unknown field "colour"'],
  [{ ...good, pod: { namespace: 'a', name: 'b', x: 1 } }, 'INVALID_REQUEST', 'unknown field "pod.x"'],
  [{ node: 'n1', network: 'real', containerId: 'c1' }, 'INVALID_REQUEST', 'the field "ifname" is missing'],
  [{ ...good, containerId: '../c' }, 'INVALID_NAME', 'containerId: "../c"'],
  [{ ...good, node: 'N' }, 'INVALID_NAME', 'node: "N"'],
  [{ ...good, ifname: 'a/b' }, 'INVALID_NAME', 'ifname:'],
  [{ ...good, addresses: ['10.9.0.07'] }, 'INVALID_ADDRESS', 'addresses.0:'],
  [{ ...good, mac: 'ff:ff:ff:ff:ff:ff' }, 'INVALID_MAC', 'mac:'],
  [{ ...good, families: [] }, 'INVALID_REQUEST', '"families"'],
  [[], 'INVALID_REQUEST', 'body'],
])('%j is refused, in the server’s words', (body, code, words) => {
  expect(() => check(body)).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(words) }),
  );
});

test('no body at all is refused', () => {
  expect(() => check(undefined)).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }));
});
