import { Problem } from '../../core/problem/problem.ts';
import { allocate } from '../ledger/allocate.ts';
import { putNode } from '../ledger/node-edits.ts';
import { putRange } from '../ledger/range-edits.ts';
import { putSubnet } from '../ledger/subnet-edits.ts';
import { putZone } from '../ledger/zone-edits.ts';
import { Keeper } from './keeper.ts';
import { MemoryStore } from './memory.ts';
import type { Commit } from './store.ts';

/** A store whose next commits can be held or made to fail, which no real one does on demand. */
class FaultyStore extends MemoryStore {
  readonly sizes: number[] = [];
  failures = 0;
  gate: Promise<void> = Promise.resolve();

  override async commit(commit: Commit): Promise<void> {
    this.sizes.push(commit.records.size);
    await this.gate;
    if (this.failures > 0) {
      this.failures--;
      throw new Error('disk full');
    }
    await super.commit(commit);
  }
}

async function started(store: FaultyStore): Promise<Keeper> {
  let ids = 0;
  const keeper = await Keeper.start(store, {
    now: () => 1_000_000,
    id: () => `id-${++ids}`,
    onCommit: () => {},
    onStoreError: () => {},
  });
  await keeper.apply((ledger) => putZone(ledger, 'real', { type: 'macvlan' }, {}));
  await keeper.apply((ledger) => putSubnet(ledger, 'lan', { zone: 'real', cidr: '10.9.0.0/16' }, {}));
  const range = { subnet: 'lan', start: '10.9.1.0', end: '10.9.1.9' };
  await keeper.apply((ledger) => putRange(ledger, 'shared', range, {}));
  await keeper.apply((ledger) => putNode(ledger, 'n1', { zone: 'real' }, {}));
  store.sizes.length = 0;
  return keeper;
}

const request = (containerId: string) => ({ node: 'n1', network: 'realip', containerId, ifname: 'eth0' });
const give = (keeper: Keeper, id: string) =>
  keeper.apply((ledger, moment) => allocate(ledger, request(id), moment));
const held = (keeper: Keeper) => keeper.read((ledger) => ledger.holders.size);

function closedGate(store: FaultyStore): () => void {
  let open: () => void = () => {};
  store.gate = new Promise((resolve) => {
    open = resolve;
  });
  return open;
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
  await new Promise((resolve) => setTimeout(resolve, 400));
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
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(keeper.trouble).toBeNull();
  expect(await give(keeper, 'c0')).toMatchObject({ created: true });
});
