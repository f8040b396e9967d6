import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MemoryStore } from '../../ipam-server/store/memory.ts';
import { SqliteStore } from '../../ipam-server/store/sqlite.ts';
import type { Store } from '../../ipam-server/store/store.ts';
import { newFolder, worker } from './process.ts';

const folder = newFolder();
afterAll(() => folder.remove());

let files = 0;
const kinds: [string, { open: () => Promise<Store>; reopen: ((store: Store) => Promise<Store>) | null }][] = [
  ['memory', { open: async () => new MemoryStore(), reopen: null }],
  [
    'sqlite',
    {
      open: () => SqliteStore.open(join(folder.path, `${++files}.db`), pathToFileURL(worker)),
      reopen: async (store) => {
        await store.close();
        return SqliteStore.open(store.name.replace('sqlite ', ''), pathToFileURL(worker));
      },
    },
  ],
];

/** What every store promises. */
describe.each(kinds)('%s', (_, { open, reopen }) => {
  const loaded = async (store: Store) => Object.fromEntries(await store.load());

  test('a new store is empty', async () => {
    const store = await open();
    expect(await loaded(store)).toEqual({});
    await store.close();
  });

  test('what is committed is loaded: put, replaced, removed, removed twice', async () => {
    const store = await open();
    await store.load();
    await store.commit(
      new Map([
        ['zone/a', '1'],
        ['zone/b', '2'],
        ['allocation/n/c/eth0', '{"x":"ü"}'],
      ]),
    );
    await store.commit(
      new Map<string, string | null>([
        ['zone/a', '3'],
        ['zone/b', null],
        ['zone/c', null],
      ]),
    );
    await store.commit(new Map([['zone/b', null]]));
    await store.commit(new Map());
    expect(await loaded(store)).toEqual({ 'zone/a': '3', 'allocation/n/c/eth0': '{"x":"ü"}' });
    await store.close();
  });

  test('large batches and large records are whole', async () => {
    const store = await open();
    await store.load();
    const batch = new Map(
      Array.from({ length: 5_000 }, (_each, i) => [`released/10.0.${i >> 8}.${i & 255}`, 'x'.repeat(300)]),
    );
    batch.set('subnet/large', 'y'.repeat(1_000_000));
    await store.commit(batch);
    expect(await loaded(store)).toEqual(Object.fromEntries(batch));
    await store.close();
  });

  test('a record that goes and comes again is one record', async () => {
    const store = await open();
    await store.load();
    for (let i = 0; i < 10; i++) {
      await store.commit(new Map([['zone/a', String(i)]]));
      await store.commit(new Map([['zone/a', null]]));
    }
    await store.commit(new Map([['zone/a', 'last']]));
    expect(await store.load()).toEqual([['zone/a', 'last']]);
    await store.close();
  });

  if (reopen === null) {
    return;
  }

  test('all of it is there when the store is opened again', async () => {
    const store = await open();
    await store.load();
    await store.commit(
      new Map([
        ['zone/a', '1'],
        ['zone/b', '2'],
      ]),
    );
    const again = await reopen(store);
    expect(await loaded(again)).toEqual({ 'zone/a': '1', 'zone/b': '2' });
    await again.commit(new Map([['zone/a', null]]));
    expect(await loaded(again)).toEqual({ 'zone/b': '2' });
    await again.close();
  });
});

test('sqlite refuses a second opener and a commit before the load', async () => {
  const file = join(folder.path, 'alone.db');
  const store = await SqliteStore.open(file, pathToFileURL(worker));
  await expect(SqliteStore.open(file, pathToFileURL(worker))).rejects.toMatchObject({ code: 'STORE_IN_USE' });
  await expect(store.commit(new Map([['zone/a', '1']]))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  await store.load();
  await store.commit(new Map([['zone/a', '1']]));
  await store.close();
});
