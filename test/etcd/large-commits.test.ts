import { Problem } from '../../core/problem/problem.ts';
import { EtcdConnection } from '../../ipam-server/store/etcd/connection.ts';
import { Election } from '../../ipam-server/store/etcd/election.ts';
import { etcdPlace } from '../../ipam-server/store/etcd/endpoint.ts';
import { EtcdStore } from '../../ipam-server/store/etcd/etcd-store.ts';
import { event, loaded, put } from '../server/store-promises.ts';
import { EtcdMember } from './etcd-cluster.ts';

let member: EtcdMember;
let connection: EtcdConnection;

beforeAll(async () => {
  member = await EtcdMember.start();
  connection = new EtcdConnection(etcdPlace(member.url, {}));
});
afterAll(async () => {
  connection.close();
  await member.remove();
});

/** A server that dies at one of its transactions: before it reaches etcd, or before it hears of it. */
class DyingConnection extends EtcdConnection {
  left = Number.POSITIVE_INFINITY;
  isHeard = true;

  override async call<Answer>(...args: Parameters<EtcdConnection['call']>): Promise<Answer> {
    if (args[1] === 'Txn' && --this.left < 0) {
      if (this.left === -1 && !this.isHeard) {
        await super.call(...args);
      }
      throw new Problem('STORE_UNAVAILABLE', 'the server has died');
    }
    return super.call(...args);
  }
}

/** Four transactions' worth of records, with an event. */
const large = {
  ...put(Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`zone/${i}`, `{"x":${i}}`]))),
  events: [event(2, ['10.9.1.1'])],
};

test.each([true, false])(
  'a commit that fits no transaction is made whole or not at all, wherever its server dies (unheard: %s)',
  async (isUnheard) => {
    let made = 0;
    for (let left = 0; ; left++) {
      const prefix = `/large-${isUnheard}-${left}/`;
      const dying = new DyingConnection(etcdPlace(member.url, {}));
      const before = await new Election(dying, prefix).stand('dies');
      const store = new EtcdStore(prefix, dying, prefix, 'a', before as NonNullable<typeof before>);
      await loaded(store);
      await store.commit([{ ...put({ 'zone/old': '{}' }), events: [event(1, [])] }]);
      dying.left = left;
      dying.isHeard = !isUnheard;
      const isMade = await store.commit([large]).then(
        () => true,
        () => false,
      );
      await before?.resign();
      dying.close();

      const term = await new Election(connection, prefix).stand('comes after');
      const next = new EtcdStore(prefix, connection, prefix, 'a', term as NonNullable<typeof term>);
      const { records, lastEvent } = await loaded(next);
      expect([1, 401]).toContain(records.length);
      expect(lastEvent).toBe(records.length === 1 ? 1 : 2);
      expect((await next.events({ after: 1, limit: 9 })).length).toBe(lastEvent - 1);
      expect(isMade && records.length === 1).toBe(false);
      made += records.length === 1 ? 0 : 1;
      await term?.resign();
      if (isMade) {
        break;
      }
    }
    // It was made before its server heard that all of it was done.
    expect(made).toBeGreaterThan(1);
  },
);

test('commits of any size are taken, their events found by id and by address, now and after a take-over', async () => {
  const prefix = '/sizes/';
  const stand = async (claim: string) => {
    const term = await new Election(connection, prefix).stand(claim);
    if (term === null) {
      throw new Error('another leads');
    }
    return term;
  };
  const term = await stand('writes');
  const store = new EtcdStore(prefix, connection, prefix, 'a', term);
  await loaded(store);
  let last = 0;
  let records = 0;
  // 1,798 and 1,918 once made a last piece of 129 operations, which no server could finish.
  for (const size of [118, 119, 120, 121, 256, 1_798, 1_918, 2_038]) {
    const zones = Array.from({ length: size }, (_, i) => [`zone/${records + i}`, '{}']);
    const events = zones.map((_, i) => event(last + 1 + i, [`10.9.${(last + i) >> 8}.${(last + i) & 255}`]));
    await store.commit([
      { ...put({ ...Object.fromEntries(zones), 'meta/sequence': `{"value":${size}}` }), events },
    ]);
    last += size;
    records += size;
  }
  const check = async (of: EtcdStore) => {
    expect((await of.events({ after: 0, limit: 10_000 })).map(({ id }) => id)).toEqual(
      Array.from({ length: last }, (_, i) => i + 1),
    );
    for (const id of [1, 119, 600, 1_500, 2_600, 4_200, last]) {
      const address = `10.9.${(id - 1) >> 8}.${(id - 1) & 255}`;
      expect((await of.events({ after: 0, limit: 9, address })).map((each) => each.id)).toEqual([id]);
    }
  };
  await check(store);
  await store.check();
  await term.resign();
  const next = new EtcdStore(prefix, connection, prefix, 'a', await stand('comes after'));
  expect((await loaded(next)).records).toHaveLength(records + 1);
  await check(next);
});
