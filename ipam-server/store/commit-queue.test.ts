import type { Write } from '../ledger/record.ts';
import { CommitQueue } from './commit-queue.ts';
import { MemoryStore } from './memory.ts';

const zone = (name: string): Write => ({
  kind: 'zone',
  name,
  record: { revision: 1, spec: { type: 'macvlan' } },
});

test('a later change of a record replaces the earlier one of its batch', async () => {
  const store = new MemoryStore();
  const queue = new CommitQueue(store, () => {});
  await Promise.all([
    queue.add([zone('a'), zone('b')]),
    queue.add([{ ...zone('a'), record: null } as Write]),
  ]);
  expect((await store.load()).map(([key]) => key)).toEqual(['zone/b']);
  expect(queue.settled()).toBeNull();
});

test('a commit that is not answered fails in time, and so does all that comes after it', async () => {
  const store = new MemoryStore();
  let answer: () => void = () => {};
  store.commit = () =>
    new Promise((resolve) => {
      answer = resolve;
    });
  const queue = new CommitQueue(store, () => {}, 20);
  await expect(queue.add([zone('a')])).rejects.toThrow('not answered');
  answer();
  await expect(queue.add([zone('b')])).rejects.toThrow('not answered');
  await expect(queue.settled()).rejects.toThrow('not answered');
});
