import { allocate } from '../ledger/allocation/allocate.ts';
import type { Decide } from '../ledger/command.ts';
import { putNode } from '../ledger/edits/node-edits.ts';
import { putRange } from '../ledger/edits/range-edits.ts';
import { putReservation } from '../ledger/edits/reservation-edits.ts';
import { putSubnet } from '../ledger/edits/subnet-edits.ts';
import { putZone } from '../ledger/edits/zone-edits.ts';
import { byServer } from '../ledger/events/event.ts';
import { Keeper } from './keeper.ts';
import { MemoryStore } from './memory.ts';
import { type Commit, merged } from './store.ts';

/** Remembers what each commit held. */
class CountingStore extends MemoryStore {
  readonly commits: string[][] = [];

  override async commit(commits: readonly Commit[]): Promise<void> {
    this.commits.push([...merged(commits).records.keys()]);
    await super.commit(commits);
  }
}

let store: CountingStore;
let clock: number;
let keeper: Keeper;
const start = () =>
  Keeper.start(store, {
    now: () => clock,
    id: () => 'id',
    onCommit: () => {},
    onEvents: () => {},
    onStoreError: () => {},
  });
const apply = <Answer>(decide: Decide<Answer>) => keeper.apply(decide, byServer);
const give = (containerId: string) =>
  apply((ledger, moment) =>
    allocate(ledger, { node: 'n1', network: 'realip', containerId, ifname: 'eth0' }, moment),
  );

/** One address, reserved for a second. */
beforeEach(async () => {
  store = new CountingStore();
  clock = 1_000_000;
  keeper = await start();
  await apply((ledger) => putZone(ledger, 'real', { type: 'macvlan' }, {}));
  await apply((ledger) => putSubnet(ledger, 'lan', { zone: 'real', cidr: '10.9.0.0/16' }, {}));
  const range = { subnet: 'lan', start: '10.9.1.1', end: '10.9.1.1' };
  await apply((ledger) => putRange(ledger, 'one', range, {}));
  await apply((ledger, { now }) => putNode(ledger, 'n1', { zone: 'real' }, {}, now));
  const spec = { addresses: ['10.9.1.1'], expiresAt: new Date(clock + 1_000).toISOString() };
  await apply((ledger, { now }) => putReservation(ledger, 'vm', spec, {}, now));
  store.commits.length = 0;
});

test('a reservation ends by the clock, in the commit of the first call that builds on its end', async () => {
  clock += 999;
  await expect(give('a')).rejects.toMatchObject({ code: 'RANGE_EXHAUSTED' });
  expect(store.commits).toEqual([]);
  clock += 1;
  expect((await give('a')).created).toBe(true);
  expect(store.commits).toEqual([['reservation/vm', 'meta/sequence', 'allocation/realip/a/eth0']]);
});

test('a clock that is set back brings no reservation back to life after a restart', async () => {
  clock += 1_000;
  await give('a');
  clock -= 500;
  keeper = await start();
  const seen = await keeper.read(({ claims, holders }) => [claims.reservations.byName.size, holders.size]);
  expect(seen).toEqual([0, 1]);
});

test('what ends by itself is made durable and told while nobody calls', async () => {
  clock += 1_000;
  await keeper.keepUp();
  expect(store.commits).toEqual([['reservation/vm']]);
  const events = await keeper.events({ after: 0, limit: 100 });
  const [edit, address] = events.slice(-2).map(({ text }) => JSON.parse(text));
  expect(edit).toMatchObject({ type: 'reservation.deleted', object: 'vm', actor: 'server' });
  expect(address).toMatchObject({ type: 'unreserved', addresses: ['10.9.1.1'], why: 'its time is over' });
});

test('a reservation that ended while the server was down is over at its first answer', async () => {
  clock += 1_000;
  keeper = await start();
  expect(await keeper.read(({ claims }) => claims.reservations.byName.size)).toBe(0);
  expect(store.commits).toEqual([['reservation/vm']]);
});
