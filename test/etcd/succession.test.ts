import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../../core/problem/problem.ts';
import { EtcdConnection } from '../../ipam-server/store/etcd/connection.ts';
import { etcdPlace } from '../../ipam-server/store/etcd/endpoint.ts';
import { headText, noHead, parseHead } from '../../ipam-server/store/etcd/head.ts';
import { currentKey, layoutOf } from '../../ipam-server/store/etcd/layout.ts';
import type { RangeResponse } from '../../ipam-server/store/etcd/messages.ts';
import { until } from '../server/until.ts';
import { EtcdMember } from './etcd-cluster.ts';
import { Servant } from './servants.ts';

let member: EtcdMember;
let prefixes = 0;
const servants: Servant[] = [];

beforeAll(async () => {
  member = await EtcdMember.start();
});
afterEach(async () => {
  await Promise.all(servants.splice(0).map((servant) => servant.stop()));
});
afterAll(() => member.remove());

function begin(name: string, prefix: string): Servant {
  const servant = new Servant(name, member.url, prefix);
  servants.push(servant);
  return servant;
}

/** Two servers, of which the first leads. */
async function pair(): Promise<[Servant, Servant]> {
  const prefix = `/pair-${++prefixes}/`;
  const first = begin('a', prefix);
  await until('the first leads', () => first.store !== null);
  const second = begin('b', prefix);
  await until('the second knows who leads', () => second.leader === 'a');
  return [first, second];
}

test('the second follows, and refuses what it is asked; when the first stops it leads, with all that was written', async () => {
  const [first, second] = await pair();
  await first.putZone('one');
  await expect(second.putZone('two')).rejects.toMatchObject({ code: 'NOT_LEADING' });
  await expect(second.zones()).rejects.toMatchObject({ code: 'NOT_LEADING' });
  await first.stop();
  await until('the second leads', () => second.store !== null);
  expect(await second.zones()).toEqual(['one']);
  await second.putZone('two');
  expect(second.inherited).toBe(1);
  const events = await second.keeper.events({ after: 0, limit: 9 });
  expect(events.map(({ id }) => id)).toEqual([1, 2]);
});

test('a leader whose place was taken cannot write, nor answer from what it knew', async () => {
  const [first, second] = await pair();
  await first.putZone('one');
  const { store } = first;
  await first.connection.call('KV', 'Txn', {
    compare: [],
    success: [{ request_delete_range: { key: `/pair-${prefixes}/leader` } }],
    failure: [],
  });
  await until('the other leads', () => second.store !== null);
  await second.putZone('two');
  const late = { records: new Map([['zone/late', '{}']]), events: [] };
  await expect(store?.commit([late])).rejects.toMatchObject({ code: 'NOT_LEADING' });
  await expect(first.zones()).rejects.toMatchObject({ code: 'NOT_LEADING' });
  await until('it follows', () => first.store === null && first.leader === 'b');
  await second.stop();
  await until('it leads again', () => first.store !== null, 60_000);
  expect(await first.zones()).toEqual(['one', 'two']);
});

/** Reads a ledger so slowly that a lease ends meanwhile, as of hundreds of thousands of leases on a busy machine. */
class SlowReader extends EtcdConnection {
  override async call<Answer>(...asked: Parameters<EtcdConnection['call']>): Promise<Answer> {
    const [, , request] = asked;
    if ('key' in request && String(request.key).endsWith('/records/')) {
      await sleep(3_500);
    }
    return super.call(...asked);
  }
}

test('a server that starts alone leads once it has read the ledger, and reads it once', async () => {
  const prefix = `/slow-${++prefixes}/`;
  const first = begin('a', prefix);
  await until('it leads', () => first.store !== null);
  await first.putZone('one');
  await first.stop();
  const slow = new Servant('b', member.url, prefix, {
    connection: new SlowReader(etcdPlace(member.url, {})),
  });
  servants.push(slow);
  await until('the slow one leads', () => slow.store !== null, 60_000);
  expect(slow.inherited).toBe(1);
  expect(slow.errors).toEqual([]);
  expect(await slow.zones()).toEqual(['one']);
});

test('a server that missed a transaction reads the ledger anew, and takes over nothing else', async () => {
  const [first, second] = await pair();
  const prefix = `/pair-${prefixes}/`;
  await first.putZone('one');
  const { connection } = second;
  const read = async (key: string) =>
    (await connection.call<RangeResponse>('KV', 'Range', { key })).kvs[0]?.value ?? '';
  const layout = layoutOf(prefix, await read(currentKey(prefix)));
  const head = parseHead(await read(layout.head), layout.head) ?? noHead;
  const zone = await read(layout.record('zone/one'));
  // As if one in between had never reached it: with a record of which it never hears.
  const put = (key: string, value: string) =>
    connection.call('KV', 'Txn', { compare: [], success: [{ request_put: { key, value } }], failure: [] });
  await put(`${prefix}elsewhere`, zone);
  await put(layout.head, headText({ ...head, count: head.count + 2, id: 'other', before: 'missed' }));
  await until('it is told', () => second.errors.some((error) => /comes after missed/.test(String(error))));
  await first.stop();
  await until('the second leads', () => second.store !== null);
  await second.putZone('two');
  expect((await second.zones()).sort()).toEqual(['one', 'two']);
});

/** etcd takes no claims for a while. */
class DeafConnection extends EtcdConnection {
  refusals = 0;

  override async call<Answer>(...args: Parameters<EtcdConnection['call']>): Promise<Answer> {
    if (this.refusals > 0 && args[1] === 'Txn' && JSON.stringify(args[2]).includes('"renewed"')) {
      this.refusals -= 1;
      throw new Problem('STORE_UNAVAILABLE', 'etcd takes no writes');
    }
    return super.call(...args);
  }
}

test('what a leader says anew of itself is told until etcd has taken it', async () => {
  const prefix = `/pair-${++prefixes}/`;
  const connection = new DeafConnection(etcdPlace(member.url, {}));
  const first = new Servant('a', member.url, prefix, { connection });
  servants.push(first);
  await until('it leads', () => first.store !== null);
  const second = begin('b', prefix);
  await until('the second knows who leads', () => second.leader === 'a');
  connection.refusals = 2;
  first.declare('renewed');
  await until('the second knows it anew', () => second.leader === 'renewed', 30_000);
  expect(connection.refusals).toBe(0);
  expect(first.store).not.toBeNull();
});
