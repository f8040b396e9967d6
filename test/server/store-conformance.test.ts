import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MemoryStore } from '../../ipam-server/store/memory.ts';
import { SqliteStore } from '../../ipam-server/store/sqlite.ts';
import { newFolder, worker } from './process.ts';
import { loaded, put, type StoreKind, storePromises } from './store-promises.ts';

const folder = newFolder();
afterAll(() => folder.remove());

let files = 0;
const kinds: [string, StoreKind][] = [
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

describe.each(kinds)('%s', (_, kind) => storePromises(kind));

test('sqlite refuses a second opener and a commit before the load', async () => {
  const file = join(folder.path, 'alone.db');
  const store = await SqliteStore.open(file, pathToFileURL(worker));
  await expect(SqliteStore.open(file, pathToFileURL(worker))).rejects.toMatchObject({ code: 'STORE_IN_USE' });
  await expect(store.commit([put({ 'zone/a': '1' })])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  await loaded(store);
  await store.commit([put({ 'zone/a': '1' })]);
  await store.close();
});
