import { addressesAskedBy } from './pod-request.ts';

const container = (count?: string, restartPolicy?: string) => ({
  name: 'c',
  ...(count === undefined ? {} : { resources: { requests: { 'realip.io/ip': count } } }),
  ...(restartPolicy === undefined ? {} : { restartPolicy }),
});

test('a pod asks for what its containers ask for together', () => {
  expect(addressesAskedBy({ containers: [container()] })).toBe(0);
  expect(addressesAskedBy({ containers: [container('1'), container()] })).toBe(1);
  expect(addressesAskedBy({ containers: [container('1'), container('2')] })).toBe(3);
});

test('an init container asks for the time before the others, a sidecar beside them', () => {
  expect(addressesAskedBy({ containers: [container('1')], initContainers: [container('2')] })).toBe(2);
  const sidecar = container('1', 'Always');
  expect(addressesAskedBy({ containers: [container('1')], initContainers: [sidecar] })).toBe(2);
  expect(addressesAskedBy({ containers: [container()], initContainers: [sidecar, container('1')] })).toBe(2);
});
