import { readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { copyLedger } from '../../ipam-server/store/copy-ledger.ts';
import { EtcdConnection } from '../../ipam-server/store/etcd/connection.ts';
import { Copies } from '../../ipam-server/store/etcd/copies.ts';
import { Election, type Term } from '../../ipam-server/store/etcd/election.ts';
import { etcdPlace } from '../../ipam-server/store/etcd/endpoint.ts';
import { EtcdStore } from '../../ipam-server/store/etcd/etcd-store.ts';
import { layoutOf } from '../../ipam-server/store/etcd/layout.ts';
import { Snapshot } from '../../ipam-server/store/etcd/snapshot.ts';
import { MemoryStore } from '../../ipam-server/store/memory.ts';
import { SqliteStore } from '../../ipam-server/store/sqlite.ts';
import { newFolder, worker as workerFile } from '../server/process.ts';
import { event, loaded, put } from '../server/store-promises.ts';
import { EtcdMember } from './etcd-cluster.ts';

const worker = pathToFileURL(workerFile);
const folder = newFolder();
const file = (name: string) => join(folder.path, name);
let member: EtcdMember;
let connection: EtcdConnection;
const terms: Term[] = [];

beforeAll(async () => {
  member = await EtcdMember.start();
  connection = new EtcdConnection(etcdPlace(member.url, {}));
});
afterAll(async () => {
  await Promise.all(terms.map((term) => term.resign()));
  connection.close();
  await member.remove();
  folder.remove();
});

async function open(prefix: string): Promise<EtcdStore> {
  const term = await new Election(connection, prefix).stand('a test');
  if (term === null) {
    throw new Error('another leads');
  }
  terms.push(term);
  const store = new EtcdStore(prefix, connection, prefix, 'a', term, worker);
  await loaded(store);
  return store;
}

/** What the SQLite file of a copy holds. */
async function read(copy: string) {
  const store = await SqliteStore.open(copy, worker);
  try {
    const { records, lastEvent } = await loaded(store);
    return {
      records: Object.fromEntries(records),
      lastEvent,
      events: await store.events({ after: 0, limit: 9_999 }),
    };
  } finally {
    await store.close();
  }
}

test('a copy is of one moment between two commits, while small and large ones go on', async () => {
  const store = await open('/one-moment/');
  let count = 0;
  let isEnding = false;
  const commits = (async () => {
    while (!isEnding) {
      count++;
      const width = count % 5 === 0 ? 300 : 2;
      const records = Object.fromEntries(
        Array.from({ length: width }, (_, i) => [`zone/${i}`, String(count)]),
      );
      await store.commit([{ ...put(records), events: [event(count, ['10.9.1.1'])] }]);
    }
  })();
  for (let round = 0; round < 4; round++) {
    const before = count - 1;
    await store.backup(file(`moment-${round}.db`));
    const { records, lastEvent, events } = await read(file(`moment-${round}.db`));
    expect(records['zone/0']).toBe(String(lastEvent));
    expect(records['zone/1']).toBe(String(lastEvent));
    const wide = String(lastEvent - (lastEvent % 5));
    expect(
      new Set(
        Object.keys(records)
          .slice(2)
          .map((key) => records[key]),
      ),
    ).toEqual(new Set(lastEvent < 5 ? [] : [wide]));
    expect(events.map(({ id }) => id)).toEqual(Array.from({ length: lastEvent }, (_, i) => i + 1));
    expect(lastEvent).toBeGreaterThanOrEqual(before);
  }
  isEnding = true;
  await commits;
  expect(statSync(file('moment-0.db')).mode & 0o777).toBe(0o600);
});

test('a copy has long texts whole, and all events with their addresses', async () => {
  const store = await open('/whole/');
  const long = 'ü'.repeat(450_000);
  const ids = Array.from({ length: 5_000 }, (_, i) => i + 1);
  await store.commit([
    { ...put({ 'subnet/long': long }), events: ids.map((id) => event(id, [`10.9.1.${id % 9}`])) },
  ]);
  await store.backup(file('whole.db'));
  const { records, events } = await read(file('whole.db'));
  expect(records).toEqual({ 'subnet/long': long });
  expect(events).toEqual(ids.map((id) => event(id, [`10.9.1.${id % 9}`])));
});

test('what etcd compacts in the middle ends the copy, in clear words, and nothing is left of it', async () => {
  const store = await open('/compacted/');
  const records = Array.from({ length: 3_500 }, (_, i): [string, string] => [`zone/${i}`, '1']);
  await store.commit(records.map((each) => ({ records: new Map([each]), events: [] })));
  const before = readdirSync(folder.path);
  const revision = await store.begin();
  const snapshot = new Snapshot(connection, layoutOf('/compacted/', 'a'), revision);
  await store.commit([put({ 'zone/0': '2' })]);
  const copies = new Copies('etcd', worker);
  const copy = copies.make(file('compacted.db'), async () => ({
    revision,
    snapshot: {
      load: (take) =>
        snapshot.load(async (part) => {
          await compact(await store.begin());
          await take(part);
        }),
      events: (query) => snapshot.events(query),
    },
  }));
  await expect(copies.make(file('second.db'), () => Promise.reject())).rejects.toMatchObject({
    code: 'BACKUP_RUNNING',
  });
  await expect(copy).rejects.toMatchObject({
    code: 'BACKUP_FAILED',
    message: expect.stringContaining(`etcd compacted revision ${revision} while`),
  });
  expect(readdirSync(folder.path)).toEqual(before);
  await store.backup(file('compacted.db'));
  expect((await read(file('compacted.db'))).records).toEqual({
    ...Object.fromEntries(records),
    'zone/0': '2',
  });
});

async function compact(revision: string): Promise<void> {
  const body = JSON.stringify({ revision });
  expect((await fetch(`${member.url}/v3/kv/compaction`, { method: 'POST', body })).status).toBe(200);
}

test('a copy never overwrites a file, and removes what a server that was killed left of one to be sent', async () => {
  const store = await open('/files/');
  writeFileSync(file('there.db'), 'mine');
  await expect(store.backup(file('there.db'))).rejects.toMatchObject({
    code: 'BACKUP_FAILED',
    message: expect.stringContaining('EEXIST'),
  });
  writeFileSync(file('l.sending-old'), 'half a copy');
  writeFileSync(file('l.sending-young'), 'one on its way');
  const hours = Date.now() / 1_000 - 7_300;
  utimesSync(file('l.sending-old'), hours, hours);
  await store.backup(file('l.sending-now'));
  const left = readdirSync(folder.path).filter((name) => name.startsWith('l.'));
  expect(left.sort()).toEqual(['l.sending-now', 'l.sending-young']);
});

test('all that a store holds is the same in another, by its fingerprint', async () => {
  const source = await open('/source/');
  await source.commit([
    { ...put({ 'zone/a': '1', 'moved/etcd:x': '{}' }), events: [event(7, ['10.9.1.1'])] },
  ]);
  const [first, second] = [new MemoryStore(), await open('/target/')];
  const read = await copyLedger(source, first);
  expect(read).toMatchObject({ records: 1, events: 1 });
  expect((await copyLedger(first, second)).equals(read)).toBe(true);
  await second.commit([{ ...put({}), events: [event(8, [])] }]);
  expect((await copyLedger(second, new MemoryStore())).equals(read)).toBe(false);
  await source.check();
});
