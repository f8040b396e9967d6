import { addressKinds } from './address-kinds.ts';
import { ipamServerKinds } from './ipam-server-kinds.ts';
import { nodeKinds } from './node-kinds.ts';
import { Problem, reasonOf } from './problem.ts';
import { problemKinds } from './registry.ts';
import { serviceKinds } from './service-kinds.ts';
import { webhookKinds } from './webhook-kinds.ts';

test('no code stands in two tables', () => {
  const codes = [addressKinds, nodeKinds, ipamServerKinds, webhookKinds, serviceKinds].flatMap((table) =>
    Object.keys(table),
  );
  expect(codes.toSorted()).toEqual(Object.keys(problemKinds).toSorted());
});

test('a problem knows what its code means', () => {
  const cause = new Error('octet 4');
  const problem = new Problem('INVALID_ADDRESS', '"1.2.3" is not an IP address', { field: 'gateway' }, cause);
  expect(problem.kind).toMatchObject({ status: 400, cni: 7 });
  expect(problem).toMatchObject({
    message: '"1.2.3" is not an IP address',
    facts: { field: 'gateway' },
    cause,
  });
});

test('whatever is thrown has a reason', () => {
  expect(reasonOf(new Error('no route'))).toBe('no route');
  expect(reasonOf('no route')).toBe('no route');
});
