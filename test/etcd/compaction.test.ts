import { until } from '../server/until.ts';
import { EtcdMember } from './etcd-cluster.ts';
import { EtcdGateway } from './etcd-gateway.ts';
import { Followed } from './followed.ts';
import { Relay } from './relay.ts';
import { Servant } from './servants.ts';

let member: EtcdMember;
let gateway: EtcdGateway;
beforeAll(async () => {
  member = await EtcdMember.start();
  gateway = new EtcdGateway(member.url);
});
afterAll(() => member.remove());

/** Forgets all but the present. */
async function compact(): Promise<void> {
  await gateway.compact((await gateway.status()).revision);
}

test('a follower that was away while etcd forgot what it had missed reads all anew, and follows on', async () => {
  const servant = new Servant('a', member.url, '/away/');
  await until('it leads', () => servant.store !== null);
  await servant.putZone('before');
  const relay = await Relay.start(member.url);
  const followed = new Followed(relay.url, '/away/');
  await until('it follows', () => followed.isWarm());
  relay.cut();
  for (let i = 0; i < 10; i++) {
    // Each a transaction of its own.
    await servant.putZone(`meanwhile-${i}`);
  }
  await compact();
  relay.restore();
  await until('it was told', () => followed.errors.some((error) => /has compacted/.test(String(error))));
  await servant.putZone('after');
  await followed.isWhatIsStored();
  await servant.stop();
  await relay.stop();
});

test('a leader is not concerned by what etcd forgets, and the next begins with all of it', async () => {
  const [first, second] = ['a', 'b'].map((name) => new Servant(name, member.url, '/forgets/'));
  if (first === undefined || second === undefined) {
    return;
  }
  await until('one leads', () => first.store !== null || second.store !== null);
  const [leader, other] = first.store === null ? [second, first] : [first, second];
  const made: string[] = [];
  for (let i = 0; i < 20; i++) {
    await leader.putZone(`z${i}`);
    made.push(`z${i}`);
    await compact();
  }
  await leader.stop();
  await until('the other leads', () => other.store !== null);
  expect(await other.zones()).toEqual(made);
  await other.stop();
});

test('a ledger whose reading etcd cuts off by forgetting is read again', async () => {
  const servant = new Servant('a', member.url, '/read/');
  await until('it leads', () => servant.store !== null);
  const { store } = servant;
  for (let i = 0; i < 50; i++) {
    const records = Array.from({ length: 100 }, (_, j) => [`zone/z${i}-${j}`, '{}'] as const);
    await store?.commit([{ records: new Map(records), events: [] }]);
  }
  let parts = 0;
  let compacting: Promise<void> | null = null;
  const cut = store?.load(() => {
    parts++;
    compacting ??= servant.connection
      .call('KV', 'Txn', { compare: [], success: [{ request_put: { key: 'else', value: '' } }], failure: [] })
      .then(compact);
  });
  const outcome = await cut?.then(
    () => 'read',
    (error) => error.code,
  );
  await compacting;
  // Which of the two is quicker is left to chance.
  expect(['read', 'STORE_UNAVAILABLE']).toContain(outcome);
  let records = 0;
  await store?.load((part) => {
    records += part.length;
  });
  expect([records, parts > 0]).toEqual([5_000, true]);
  await servant.stop();
});
