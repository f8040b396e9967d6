import { inTurn } from './in-turn.ts';

test('what fails keeps nothing else from being done, and is told: the first of several', async () => {
  const done: string[] = [];
  const fails = (name: string) => async () => {
    done.push(name);
    throw new Error(name);
  };
  const succeeds = (name: string) => () => done.push(name);
  await expect(inTurn(succeeds('a'), fails('b'), succeeds('c'), fails('d'), succeeds('e'))).rejects.toThrow(
    'b',
  );
  expect(done).toEqual(['a', 'b', 'c', 'd', 'e']);
  await inTurn(succeeds('f'));
});
