import { EtcdConnection } from '../../ipam-server/store/etcd/connection.ts';
import { Election, type Term } from '../../ipam-server/store/etcd/election.ts';
import { etcdPlace } from '../../ipam-server/store/etcd/endpoint.ts';
import { EtcdStore } from '../../ipam-server/store/etcd/etcd-store.ts';
import type { RangeResponse } from '../../ipam-server/store/etcd/messages.ts';
import { until } from '../server/until.ts';
import { EtcdMember } from './etcd-cluster.ts';

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
});

async function open(by: EtcdConnection): Promise<EtcdStore> {
  const term = await new Election(by, '/gated/').stand('a test');
  if (term === null) {
    throw new Error('another leads');
  }
  terms.push(term);
  return new EtcdStore('/gated/', by, '/gated/', 'a', term);
}

/** Holds what finds events by address back, until it is opened. */
class Gate extends EtcdConnection {
  open: () => void = () => {};
  held = 0;
  readonly #opened = new Promise<void>((resolve) => {
    this.open = resolve;
  });

  override async call<Answer>(...asked: Parameters<EtcdConnection['call']>): Promise<Answer> {
    if (asked[1] === 'Txn' && JSON.stringify(asked[2]).includes('"request_put":{"key":"/gated/a/postings/')) {
      this.held++;
      await this.#opened;
    }
    return super.call(...asked);
  }
}

test('a commit does not wait for what finds its events by address, and they are found all the while', async () => {
  const gate = new Gate(etcdPlace(member.url, {}));
  const store = await open(gate);
  const found = async (of: EtcdStore) =>
    (await of.events({ after: 0, limit: 99, address: '10.0.0.7' })).map(({ id }) => id);
  const segments = () =>
    connection.call<RangeResponse>('KV', 'Range', {
      key: '/gated/a/segments/',
      range_end: '/gated/a/segments0',
    });
  await store.load(() => {});
  const events = Array.from({ length: 5_000 }, (_, i) => ({
    id: i + 1,
    time: 1_790_000_000_000,
    addresses: [`10.0.0.${i % 500}`],
    text: `{"id":${i + 1}}`,
  }));
  await store.commit([{ records: new Map(), events }]);
  const expected = events.filter(({ addresses }) => addresses[0] === '10.0.0.7').map(({ id }) => id);
  await until('the gate holds something', () => gate.held > 0);
  expect(await found(store)).toEqual(expected);
  expect((await segments()).kvs).toEqual([]);
  gate.open();
  await until('all of it is written', async () => (await segments()).kvs.length === 1, 60_000);
  expect(await found(store)).toEqual(expected);
  await store.check();
  await store.close();
  await terms.pop()?.resign();
  const next = await open(connection);
  await next.load(() => {});
  expect(await found(next)).toEqual(expected);
  await next.close();
  gate.close();
});
