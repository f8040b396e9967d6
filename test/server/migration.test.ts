import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'libsql';
import { ledgerOf } from '../../ipam-server/store/load.ts';
import { SqliteStore } from '../../ipam-server/store/sqlite.ts';
import type { Entry } from '../../ipam-server/store/store.ts';
import { allocate } from './lan.ts';
import { newFolder, startServer, worker } from './process.ts';

const folder = newFolder();
afterAll(() => folder.remove());

/** Files that servers of earlier schema versions wrote, each with the ledger that is looked for below. */
const fixtures = join(import.meta.dirname, 'fixtures');

test.each(['ledger-v1.db'])('%s is brought to the present schema, with all that it holds', async (name) => {
  const path = join(folder.path, name);
  copyFileSync(join(fixtures, name), path);
  const store = await SqliteStore.open(path, pathToFileURL(worker));
  const entries: Entry[] = [];
  const { lastEvent } = await store.load((part) => {
    entries.push(...part);
  });
  expect(lastEvent).toBe(0);
  const event = { id: 1, time: 1, addresses: ['10.9.1.2'], text: '{}' };
  await store.commit([{ records: new Map(), events: [event] }]);
  expect(await store.events({ after: 0, limit: 9, address: '10.9.1.2' })).toEqual([event]);
  await store.close();

  const ledger = ledgerOf(entries, Date.UTC(2026, 10, 22));
  expect([...ledger.holders.all()].map(({ containerId }) => containerId)).toEqual([
    'c0',
    'c2',
    'c3',
    'c4',
    'c5',
  ]);
  expect(ledger.holders.ofAddress('fd00:9::12')).toMatchObject({
    node: 'n1',
    generation: 10,
    mac: '0a:58:0a:09:01:02',
    pod: { namespace: 'shop', name: 'web-2', uid: 'u2' },
    ips: [{ address: '10.9.1.2' }, { address: 'fd00:9::12' }],
  });
  expect(ledger.releasedAt('10.9.1.1')?.record.by).toContain('c1');
  expect(ledger.contestedAt('10.9.1.9')?.record.mac).toBe('52:54:00:12:34:56');

  const file = new Database(path);
  expect(file.prepare('PRAGMA user_version').get()).toMatchObject({ user_version: 2 });
  file.close();
});

test.each(['ledger-v1.db'])('the server goes on with %s', async (name) => {
  const path = join(folder.path, `served-${name}`);
  copyFileSync(join(fixtures, name), path);
  const server = await startServer(`sqlite:${path}`);
  const { status, body } = await allocate(server, 'c6');
  expect(await server.stop()).toBe(0);
  expect({ status, address: body.ips[0].address }).toEqual({ status: 201, address: '10.9.1.6/16' });
  expect(body.generation).toBeGreaterThan(13);
});
