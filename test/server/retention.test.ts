import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SqliteStore } from '../../ipam-server/store/sqlite.ts';
import { allocate, makeLan, release } from './lan.ts';
import { newFolder, startServer, worker } from './process.ts';
import { until } from './until.ts';

const folder = newFolder();
afterAll(() => folder.remove());

/** Events of long ago, as only time would make them: written by the store itself. */
async function writeOldEvents(file: string, count: number): Promise<void> {
  const store = await SqliteStore.open(file, pathToFileURL(worker));
  await store.load(() => {});
  const time = Date.now() - 91 * 86_400_000;
  const events = Array.from({ length: count }, (_, i) => {
    const event = {
      id: i + 1,
      time: new Date(time).toISOString(),
      type: 'released',
      addresses: ['10.9.1.0'],
      actor: 'admin',
    };
    return { id: i + 1, time, addresses: event.addresses, text: JSON.stringify(event) };
  });
  await store.commit([{ records: new Map(), events }]);
  await store.close();
}

test('events older than --retention go, younger ones stay, and a `since` among the gone is 410', async () => {
  const file = join(folder.path, 'old.db');
  await writeOldEvents(file, 10_000);
  const server = await startServer(`sqlite:${file}`);
  await makeLan(server, { cooldownSeconds: 0 });
  await allocate(server, 'c1');
  await release(server, 'c1');
  await server.stop();

  const again = await startServer(`sqlite:${file}`);
  const oldest = async () => (await again.call('GET', '/v1/events?limit=1')).body.items[0].id;
  await until('the old events are gone', async () => (await oldest()) > 10_000);
  const { body } = await again.call('GET', '/v1/events');
  expect(body.items.map(({ id }: { id: number }) => id)).toEqual([
    10_001, 10_002, 10_003, 10_004, 10_005, 10_006,
  ]);
  for (const path of ['/v1/events', '/v1/watch']) {
    const gone = await again.call('GET', `${path}?since=9999`);
    expect(gone).toMatchObject({ status: 410, body: { code: 'EVENTS_GONE' } });
  }
  expect((await again.call('GET', '/v1/events?since=10000')).status).toBe(200);
  const history = await again.call('GET', '/v1/addresses/10.9.1.0/history');
  expect(history.body.items).toMatchObject([{ containerId: 'c1' }]);
  await again.stop();
});
