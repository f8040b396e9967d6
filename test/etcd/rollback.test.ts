import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../../core/problem/problem.ts';
import { layoutOf } from '../../ipam-server/store/etcd/layout.ts';
import { until } from '../server/until.ts';
import { Keys } from './commands.ts';
import { EtcdMember } from './etcd-cluster.ts';
import { Servant } from './servants.ts';

/** An etcd whose state can be put back behind its users' backs. */
class PutBackEtcd {
  readonly member: EtcdMember;
  readonly #data: string;
  readonly #copy: string;

  private constructor(member: EtcdMember) {
    this.member = member;
    this.#data = join(member.folder, 'data');
    this.#copy = join(member.folder, 'copy');
  }

  static async start(): Promise<PutBackEtcd> {
    return new PutBackEtcd(await EtcdMember.start());
  }

  /** Keeps the state as it is now. */
  async keep(): Promise<void> {
    await this.member.daemon.stop();
    cpSync(this.#data, this.#copy, { recursive: true });
    await this.member.restart();
  }

  /** Goes back to what was kept; to an empty one, when nothing was. @param meanwhile done while it is away */
  async putBack(meanwhile: () => Promise<void> = async () => {}, isEmpty = false): Promise<void> {
    await this.member.daemon.stop();
    await meanwhile();
    rmSync(this.#data, { recursive: true });
    if (!isEmpty) {
      cpSync(this.#copy, this.#data, { recursive: true });
    }
    await this.member.restart();
  }
}

/** The one of them that leads. */
async function leaderOf(servants: readonly Servant[]): Promise<Servant> {
  await until('one leads', () => servants.some(({ store }) => store !== null), 60_000);
  return servants.find(({ store }) => store !== null) as Servant;
}

/** Makes zones, also while the leader changes. */
async function putZones(servants: readonly Servant[], names: readonly string[]): Promise<void> {
  for (const name of names) {
    // The other's watch comes back meanwhile.
    await sleep(150);
    const put = async () => {
      const leader = await leaderOf(servants);
      await leader.putZone(name);
      return true;
    };
    await until(`${name} is made`, () => put().catch(() => false), 60_000);
  }
}

/** Which life of the ledger it is, and who has to tell what lives. */
function epochOf(servant: Servant): Promise<{ readonly value: number; readonly why: string } | null> {
  return servant.keeper.read(({ epoch }) => epoch);
}

async function isIn(servants: readonly Servant[], epoch: number): Promise<boolean> {
  const found = await leaderOf(servants)
    .then(epochOf)
    .catch(() => null);
  return found?.value === epoch;
}

const gone = Array.from({ length: 10 }, (_, i) => `gone-${i}`);

function codesOf(servant: Servant): string[] {
  return servant.errors.flatMap((error) => (error instanceof Problem ? [error.code] : []));
}

test('an etcd that was put back is served as it is, in a new epoch, by who followed what is gone', async () => {
  const etcd = await PutBackEtcd.start();
  const servants = ['a', 'b'].map((name) => new Servant(name, etcd.member.url, '/back/'));
  await putZones(servants, ['kept']);
  await until('the other follows', () => new Set(servants.map(({ leader }) => leader)).size === 1, 60_000);
  await etcd.keep();
  await putZones(servants, gone);
  const before = await leaderOf(servants);
  const other = servants.find((each) => each !== before) as Servant;
  await until('the other follows', () => other.leader === before.name, 60_000);
  const lastEvent = (await before.keeper.events({ after: 0, limit: 1_000 })).at(-1)?.id ?? 0;

  await etcd.putBack(() => before.stop());
  await until('the other leads', () => other.store !== null, 60_000);
  expect(await other.zones()).toEqual(['kept']);
  expect(await epochOf(other)).toMatchObject({ value: 2, why: 'etcd was put back to an earlier state' });
  expect(codesOf(other)).toContain('STORE_PUT_BACK');
  // Whoever watches events has seen ids of the state that is gone.
  const [begun] = await other.keeper.events({ after: lastEvent, limit: 1 });
  expect(JSON.parse(begun?.text ?? '{}')).toMatchObject({ type: 'epoch.begun' });
  await other.putZone('after');
  await other.stop();

  const third = new Servant('c', etcd.member.url, '/back/');
  await until('a third leads', () => third.store !== null, 60_000);
  expect((await third.zones()).sort()).toEqual(['after', 'kept']);
  expect(await epochOf(third)).toMatchObject({ value: 2 });
  await third.stop();
  await etcd.member.remove();
});

test('of several servers that an etcd is put back under one begins the epoch, once', async () => {
  const etcd = await PutBackEtcd.start();
  const servants = ['a', 'b'].map((name) => new Servant(name, etcd.member.url, '/back/'));
  await putZones(servants, ['kept']);
  await etcd.keep();
  await putZones(servants, gone);
  expect(await epochOf(await leaderOf(servants))).toBeNull();
  await etcd.putBack();
  // One that leads on through it finds out when it writes.
  await putZones(servants, ['after']);
  await until('an epoch is begun', () => isIn(servants, 2), 60_000);
  await putZones(servants, ['later']);
  const first = await leaderOf(servants);
  const other = servants.find((each) => each !== first) as Servant;
  await until('the other follows', () => other.leader === first.name, 60_000);
  await first.stop();
  await until('the other leads', () => other.store !== null, 60_000);
  expect(await epochOf(other)).toMatchObject({ value: 2 });
  expect(await other.zones()).toEqual(expect.arrayContaining(['kept', 'later']));
  expect(await other.zones()).not.toContain('gone-9');

  // Of a state that has had its epoch already the next one is another all the same.
  await etcd.putBack();
  await putZones([other], ['again']);
  await until('an epoch is begun', () => isIn([other], 3), 60_000);
  await other.stop();
  await etcd.member.remove();
});

test('who leads on while etcd is put back by one transaction gives the lead up, and begins an epoch', async () => {
  const etcd = await EtcdMember.start();
  const servant = new Servant('a', etcd.url, '/back/');
  await putZones([servant], ['one']);
  const keys = new Keys(servant.connection, '/back/');
  const head = layoutOf('/back/', await keys.current()).head;
  const before = await keys.value(head);
  await putZones([servant], ['two']);
  await keys.put(head, before);
  await putZones([servant], ['three']);
  await until('an epoch is begun', () => isIn([servant], 2), 60_000);
  expect(codesOf(servant)).toContain('STORE_PUT_BACK');
  await servant.stop();
  await etcd.remove();
});

test('no server begins an empty ledger in an etcd that it has seen one in', async () => {
  const etcd = await PutBackEtcd.start();
  const first = new Servant('a', etcd.member.url, '/back/');
  await putZones([first], ['kept']);
  await etcd.keep();
  await until('it leads', () => first.store !== null, 60_000);
  await etcd.putBack(undefined, true);
  await until('it says so', () => codesOf(first).includes('STORE_DAMAGED'), 60_000);
  expect(first.store).toBeNull();
  await etcd.putBack();
  await until('it leads again', () => first.store !== null, 60_000);
  expect(await first.zones()).toEqual(['kept']);
  await first.stop();
  await etcd.member.remove();
});

test('an epoch that waits for thousands of nodes, and so is long, is taken over like any other', async () => {
  const etcd = await EtcdMember.start();
  const first = new Servant('a', etcd.url, '/long/');
  await leaderOf([first]);
  const waitingFor = Array.from({ length: 6_000 }, (_, i) => `ip-10-0-0-${i}.eu-central-1.compute.internal`);
  const record = { value: 3, at: Date.now(), why: 'restored', waitingFor };
  await first.apply(() => ({ writes: [{ kind: 'epoch', name: 'current', record }], answer: null }));
  await first.stop();
  const second = new Servant('b', etcd.url, '/long/');
  await leaderOf([second]);
  expect(await epochOf(second)).toEqual(record);
  expect(codesOf(second)).toEqual([]);
  await second.stop();
  await etcd.remove();
});
