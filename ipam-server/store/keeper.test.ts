import { Problem } from '../../core/problem/problem.ts';
import { allocate } from '../ledger/allocation/allocate.ts';
import type { Each } from '../ledger/command.ts';
import { putNode } from '../ledger/edits/node-edits.ts';
import { putRange } from '../ledger/edits/range-edits.ts';
import { putSubnet } from '../ledger/edits/subnet-edits.ts';
import { putZone } from '../ledger/edits/zone-edits.ts';
import { byServer } from '../ledger/events/event.ts';
import { Keeper, type Surroundings } from './keeper.ts';
import { MemoryStore } from './memory.ts';
import { type Commit, merged } from './store.ts';

/** A store whose next commits can be held or made to fail, which no real one does on demand. */
class FaultyStore extends MemoryStore {
  readonly sizes: number[] = [];
  failures = 0;
  gate: Promise<void> = Promise.resolve();

  override async commit(commits: readonly Commit[]): Promise<void> {
    this.sizes.push(merged(commits).records.size);
    await this.gate;
    if (this.failures > 0) {
      this.failures--;
      throw new Error('disk full');
    }
    await super.commit(commits);
  }
}

async function started(store: FaultyStore, onEvents: Surroundings['onEvents'] = () => {}): Promise<Keeper> {
  let ids = 0;
  const keeper = await Keeper.start(store, {
    now: () => 1_000_000,
    id: () => `id-${++ids}`,
    onCommit: () => {},
    onEvents,
    onStoreError: () => {},
  });
  await keeper.apply((ledger) => putZone(ledger, 'real', { type: 'macvlan' }, {}), byServer);
  await keeper.apply(
    (ledger) => putSubnet(ledger, 'lan', { zone: 'real', cidr: '10.9.0.0/16' }, {}),
    byServer,
  );
  const range = { subnet: 'lan', start: '10.9.1.0', end: '10.9.1.9' };
  await keeper.apply((ledger) => putRange(ledger, 'shared', range, {}), byServer);
  await keeper.apply((ledger, { now }) => putNode(ledger, 'n1', { zone: 'real' }, {}, now), byServer);
  store.sizes.length = 0;
  return keeper;
}

const request = (containerId: string) => ({ node: 'n1', network: 'realip', containerId, ifname: 'eth0' });
const give = (keeper: Keeper, id: string) =>
  keeper.apply((ledger, moment) => allocate(ledger, request(id), moment), byServer);
const held = (keeper: Keeper) => keeper.read((ledger) => ledger.holders.size);

function closedGate(store: FaultyStore): () => void {
  let open: () => void = () => {};
  store.gate = new Promise((resolve) => {
    open = resolve;
  });
  return open;
}

/** Kept once the store could be used again; jest's own limit ends it. */
async function untilWell(keeper: Keeper): Promise<void> {
  while (keeper.trouble !== null) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const nextTurn = () => new Promise((resolve) => setTimeout(resolve, 5));

test('commands that come while a batch is on its way share the next one', async () => {
  const store = new FaultyStore();
  const keeper = await started(store);
  const open = closedGate(store);
  const first = give(keeper, 'c0');
  await nextTurn();
  const others = ['c1', 'c2', 'c3'].map((id) => give(keeper, id));
  open();
  await Promise.all([first, ...others]);
  // An allocation and the sequence; then three and the one sequence they share.
  expect(store.sizes).toEqual([2, 4]);
});

test('neither a write nor a read that would reveal it is answered before it is durable', async () => {
  const store = new FaultyStore();
  const keeper = await started(store);
  const open = closedGate(store);
  const answered: string[] = [];
  const write = give(keeper, 'c0').then(() => answered.push('write'));
  const again = give(keeper, 'c0').then(() => answered.push('again'));
  const read = held(keeper).then(() => answered.push('read'));
  await nextTurn();
  expect(answered).toEqual([]);
  open();
  await Promise.all([write, again, read]);
  expect(answered.sort()).toEqual(['again', 'read', 'write']);
});

test('a failed commit is answered STORE_UNAVAILABLE to all that hung on it, and forgotten', async () => {
  const store = new FaultyStore();
  const keeper = await started(store);
  await give(keeper, 'kept');
  store.failures = 1;
  const open = closedGate(store);
  const first = give(keeper, 'c0');
  await nextTurn();
  const waiting = [first, give(keeper, 'c1'), held(keeper)];
  open();
  for (const outcome of await Promise.allSettled(waiting)) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'STORE_UNAVAILABLE' } });
  }
  await nextTurn();
  expect(keeper.trouble).toBeNull();
  expect(await held(keeper)).toBe(1);
  const { allocation } = await give(keeper, 'c2');
  expect(allocation.ips[0]?.address).toBe('10.9.1.1/16');
});

test('a store that cannot be read is asked again until it can; meanwhile calls say why', async () => {
  const store = new FaultyStore();
  const keeper = await started(store);
  const load = store.load.bind(store);
  store.load = () => Promise.reject(new Error('no such disk'));
  store.failures = 1;
  await expect(give(keeper, 'c0')).rejects.toThrow(Problem);
  await nextTurn();
  expect(keeper.trouble).toContain('no such disk');
  await expect(held(keeper)).rejects.toThrow('no such disk');
  store.load = load;
  await untilWell(keeper);
  expect(await held(keeper)).toBe(0);
});

test('while the store takes no changes, reads are answered and changes refused without asking it', async () => {
  const store = new FaultyStore();
  const keeper = await started(store);
  await give(keeper, 'kept');
  store.failures = 3;
  await expect(give(keeper, 'c0')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  await nextTurn();
  const asked = store.sizes.length;
  expect(keeper.trouble).toContain('disk full');
  expect(await held(keeper)).toBe(1);
  expect(await give(keeper, 'kept')).toMatchObject({ created: false });
  await expect(give(keeper, 'c0')).rejects.toThrow('disk full');
  expect(store.sizes).toHaveLength(asked);
  await untilWell(keeper);
  expect(await give(keeper, 'c0')).toMatchObject({ created: true });
});

const idsIn = async (keeper: Keeper, after = 0) =>
  (await keeper.events({ after, limit: 1000 })).map(({ id }) => id);
const upTo = (last: number) => Array.from({ length: last }, (_, i) => i + 1);

test('events have ids without a gap, which go on after a restart', async () => {
  const store = new FaultyStore();
  const keeper = await started(store);
  await give(keeper, 'c0');
  await give(keeper, 'c0');
  expect(await idsIn(keeper)).toEqual(upTo(5));
  const again = await started(store);
  await give(again, 'c1');
  expect(await idsIn(again)).toEqual(upTo(6));
});

test('an event says who asked, from where, and by which request', async () => {
  const keeper = await started(new FaultyStore());
  const context = { actor: 'alice', from: '10.9.0.21', request: 'r1' };
  await keeper.apply((ledger) => putZone(ledger, 'other', { type: 'overlay' }, {}), context);
  const [event] = await keeper.events({ after: 4, limit: 1 });
  expect(JSON.parse(event?.text ?? '')).toEqual({
    id: 5,
    time: '1970-01-01T00:16:40.000Z',
    type: 'zone.created',
    addresses: [],
    object: 'other',
    after: { type: 'overlay' },
    ...context,
  });
});

test('the events of a commit that failed are forgotten with it, those of one that was made count', async () => {
  const store = new FaultyStore();
  const keeper = await started(store);
  store.failures = 1;
  await expect(give(keeper, 'c0')).rejects.toThrow('disk full');
  await nextTurn();
  expect(await idsIn(keeper)).toEqual(upTo(4));
  await give(keeper, 'c1');
  expect(await idsIn(keeper)).toEqual(upTo(5));

  const commit = store.commit.bind(store);
  store.commit = async (batch) => {
    store.commit = commit;
    await commit(batch);
    throw new Error('the answer was lost');
  };
  await expect(give(keeper, 'c2')).rejects.toThrow('lost');
  await nextTurn();
  await give(keeper, 'c3');
  expect(await idsIn(keeper)).toEqual(upTo(7));
});

test('events are told when they are durable, and after a failure up to where the store has them', async () => {
  const store = new FaultyStore();
  const told: [number, number[]][] = [];
  const keeper = await started(store, (last, events) => told.push([last, events.map(({ id }) => id)]));
  told.length = 0;
  const open = closedGate(store);
  const given = give(keeper, 'c0');
  await nextTurn();
  expect(told).toEqual([]);
  open();
  await given;
  expect(told).toEqual([[5, [5]]]);
  store.failures = 1;
  await expect(give(keeper, 'c1')).rejects.toThrow('disk full');
  await nextTurn();
  expect(told.slice(1)).toEqual([[5, []]]);
});

test('whether the events after an id are all there is known by the oldest and the newest', async () => {
  const store = new FaultyStore();
  const keeper = await started(store);
  expect(await keeper.hasEventsAfter(0)).toBe(true);
  expect(await keeper.hasEventsAfter(4)).toBe(true);
  expect(await keeper.hasEventsAfter(5)).toBe(false);
  await keeper.forgetEvents(2_000_000);
  expect(await idsIn(keeper)).toEqual([4]);
  expect(await keeper.hasEventsAfter(2)).toBe(false);
  expect(await keeper.hasEventsAfter(3)).toBe(true);
});

const own = (name: string, start: string) => (each: Each) =>
  each((ledger) => putRange(ledger, name, { subnet: 'lan', start, end: start }, {}));
const ranges = (keeper: Keeper) => keeper.read((ledger) => [...ledger.ranges.keys()]);

test('edits of which all or none are kept come in one commit; those that are not kept in none, and without events', async () => {
  const store = new FaultyStore();
  const told: number[] = [];
  const keeper = await started(store, (_, events) => told.push(events.length));
  told.length = 0;
  const edits = (isKept: boolean) => (each: Each) => {
    own('a', '10.9.2.1')(each);
    own('b', '10.9.2.2')(each);
    return { answer: null, isKept };
  };
  await keeper.applyAll(edits(false), byServer);
  const failing = (each: Each) => {
    edits(true)(each);
    own('c', '10.9.2.2')(each);
    return { answer: null, isKept: true };
  };
  await expect(keeper.applyAll(failing, byServer)).rejects.toMatchObject({ code: 'RANGE_OVERLAP' });
  expect([store.sizes, told, await ranges(keeper)]).toEqual([[], [], ['shared']]);
  await keeper.applyAll(edits(true), byServer);
  expect([store.sizes, told, await ranges(keeper)]).toEqual([[3], [2], ['shared', 'a', 'b']]);
});

test.each([
  ['a little, time goes on from it', 30_000, 30_000],
  ['by hours, that is forgotten', 7_200_000, 0],
])('where the clock of the server before was ahead %s', async (_, ahead, expected) => {
  const store = new FaultyStore();
  await started(store);
  await store.commit([
    { records: new Map(), events: [{ id: 5, time: 1_000_000 + ahead, addresses: [], text: '{}' }] },
  ]);
  const keeper = await started(store);
  await give(keeper, 'c1');
  const after = await keeper.events({ after: 5, limit: 9 });
  expect(after.map(({ time }) => time - 1_000_000)).toEqual([expected]);
  expect(keeper.clockBehind).toBe(expected);
});
