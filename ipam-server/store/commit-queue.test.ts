import type { Write } from '../ledger/state/record.ts';
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
    queue.add([zone('a'), zone('b')], []),
    queue.add([{ ...zone('a'), record: null } as Write], []),
  ]);
  const keys: string[] = [];
  await store.load((part) => {
    keys.push(...part.map(([key]) => key));
  });
  expect(keys).toEqual(['zone/b']);
  expect(queue.settled()).toBeNull();
});

test('each decision of a batch is a commit of its own, so that a store may keep each whole', async () => {
  const store = new MemoryStore();
  const batches: string[][][] = [];
  store.commit = async (commits) => {
    batches.push(commits.map(({ records }) => [...records.keys()]));
  };
  const queue = new CommitQueue(store, () => {});
  await Promise.all([queue.add([zone('a'), zone('b')], []), queue.add([zone('c')], [])]);
  expect(batches).toEqual([[['zone/a', 'zone/b'], ['zone/c']]]);
});

test('the events of a batch are committed with it, in their order', async () => {
  const store = new MemoryStore();
  const queue = new CommitQueue(store, () => {});
  const event = (id: number) => ({ id, time: id, addresses: [], text: '{}' });
  await Promise.all([queue.add([zone('a')], [event(1), event(2)]), queue.add([zone('b')], [event(3)])]);
  expect((await store.events({ after: 0, limit: 9 })).map(({ id }) => id)).toEqual([1, 2, 3]);
});

test('a commit that is not answered fails in time, and so does all that comes after it', async () => {
  const store = new MemoryStore();
  let answer: () => void = () => {};
  store.commit = () =>
    new Promise((resolve) => {
      answer = resolve;
    });
  const queue = new CommitQueue(store, () => {}, 20);
  await expect(queue.add([zone('a')], [])).rejects.toThrow('not answered');
  answer();
  await expect(queue.add([zone('b')], [])).rejects.toThrow('not answered');
  await expect(queue.settled()).rejects.toThrow('not answered');
});
