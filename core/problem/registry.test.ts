import { Problem, reasonOf } from './problem.ts';
import { kindTables, problemKinds } from './registry.ts';

test('no code stands in two tables', () => {
  const codes = kindTables.flatMap((table: Readonly<Record<string, unknown>>) => Object.keys(table));
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
