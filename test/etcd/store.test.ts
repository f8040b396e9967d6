import type { EtcdStore } from '../../ipam-server/store/etcd/etcd-store.ts';
import type { Store } from '../../ipam-server/store/store.ts';
import { allocate, makeLan } from '../server/lan.ts';
import { startServer } from '../server/process.ts';
import { storePromises } from '../server/store-promises.ts';
import { EtcdMember } from './etcd-cluster.ts';
import { Ledgers } from './ledgers.ts';

describe.each([
  ['etcd', () => EtcdMember.start()],
  ['the oldest etcd that serves', () => EtcdMember.startOldest()],
])('on %s', (_, start) => {
  let member: EtcdMember;
  let ledgers: Ledgers;
  beforeAll(async () => {
    member = await start();
    ledgers = new Ledgers(member.url);
  });
  afterAll(async () => {
    await ledgers.end();
    await member.remove();
  });

  storePromises({
    open: () => ledgers.open(),
    reopen: (store: Store) => ledgers.reopen(store as EtcdStore),
  });

  test('a second server takes over from the first', async () => {
    const leader = await startServer(`etcd:${member.url}`);
    const follower = await startServer(`etcd:${member.url}`);
    await makeLan(follower);
    const given = await allocate(follower, 'c1');
    await leader.stop('SIGKILL');
    expect((await allocate(follower, 'c1')).body).toEqual(given.body);
    expect((await allocate(follower, 'c2')).status).toBe(201);
    await follower.stop();
  }, 60_000);
});
