import { createLogger, transports } from 'winston';
import { putNode } from './ledger/edits/node-edits.ts';
import { putZone } from './ledger/edits/zone-edits.ts';
import { byServer } from './ledger/events/event.ts';
import { syncNode } from './ledger/nodes/sync.ts';
import { SilenceWatch } from './silence-watch.ts';
import { Keeper } from './store/keeper.ts';
import { MemoryStore } from './store/memory.ts';
import type { Commit } from './store/store.ts';

class FailingStore extends MemoryStore {
  isFailing = false;

  override async commit(commits: readonly Commit[]): Promise<void> {
    if (this.isFailing) {
      throw new Error('disk full');
    }
    await super.commit(commits);
  }
}

const log = createLogger({ silent: true, transports: [new transports.Console()] });
const minute = 60_000;

/** A server with some nodes; its clock is put on by hand, five seconds a look as in life. */
async function cluster(size: number, store = new FailingStore()) {
  let now = 1_000_000_000_000;
  const start = async () =>
    Keeper.start(store, {
      now: () => now,
      id: () => 'id',
      onCommit: () => {},
      onEvents: () => {},
      onStoreError: () => {},
    });
  let keeper = await start();
  const names = Array.from({ length: size }, (_, i) => `n${i}`);
  await keeper.apply((ledger) => putZone(ledger, 'real', { type: 'macvlan' }, {}), byServer);
  for (const name of names) {
    await keeper.apply((ledger, { now }) => putNode(ledger, name, { zone: 'real' }, {}, now), byServer);
  }
  let watch = new SilenceWatch(keeper, 5 * minute, log);
  const sync = async (nodes: readonly string[]) => {
    for (const node of nodes) {
      await keeper.applyEach((each) => syncNode(each, node, { attachments: [] }), byServer);
    }
  };
  return {
    names,
    store,
    sync,
    /** Lets time pass while some nodes sync; the nodes that were fenced, and after how many seconds. */
    async pass(milliseconds: number, living: readonly string[]): Promise<Record<string, number>> {
      const fenced: Record<string, number> = {};
      for (let passed = 0; passed < milliseconds; passed += 5_000) {
        now += 5_000;
        await sync(living).catch(() => {});
        for (const node of await watch.look()) {
          fenced[node] = (passed + 5_000) / 1000;
        }
      }
      return fenced;
    },
    sleep: (milliseconds: number) => {
      now += milliseconds;
    },
    async restart() {
      keeper = await start();
      watch = new SilenceWatch(keeper, 5 * minute, log);
    },
    trouble: () => keeper.trouble,
  };
}

test('a node that is silent for longer than it may be is fenced, once', async () => {
  const { names, sync, pass } = await cluster(3);
  await sync(names);
  expect(await pass(20 * minute, ['n0', 'n1'])).toEqual({ n2: 305 });
});

test('a node that never synced has no agent that could fall silent', async () => {
  const { pass } = await cluster(3);
  expect(await pass(20 * minute, ['n0', 'n1'])).toEqual({});
});

test('many silent nodes at once are a fault of the network: none is fenced', async () => {
  const { names, sync, pass } = await cluster(10);
  await sync(names);
  expect(await pass(20 * minute, names.slice(3))).toEqual({});
  expect(Object.keys(await pass(5_000, names.slice(2)))).toEqual(['n0', 'n1']);
});

test('nodes that fall silent one after the other are no more than a fifth within an hour', async () => {
  const { names, sync, pass } = await cluster(10);
  await sync(names);
  expect(Object.keys(await pass(10 * minute, names.slice(1)))).toEqual(['n0']);
  expect(Object.keys(await pass(10 * minute, names.slice(2)))).toEqual(['n1']);
  expect(await pass(10 * minute, names.slice(3))).toEqual({});
  expect(Object.keys(await pass(60 * minute, names.slice(3)))).toEqual(['n2']);
});

test('a server that hears nobody fences nobody', async () => {
  const { names, sync, pass } = await cluster(1);
  await sync(names);
  expect(await pass(60 * minute, [])).toEqual({});
});

test('a server that was away counts silence from its start', async () => {
  const { names, sync, sleep, restart, pass } = await cluster(3);
  await sync(names);
  sleep(600 * minute);
  await restart();
  expect(await pass(4 * minute, ['n0', 'n1'])).toEqual({});
  expect(await pass(2 * minute, ['n0', 'n1'])).toEqual({ n2: expect.any(Number) });
});

test('a server that stood still counts silence from when it goes on', async () => {
  const { names, sync, sleep, pass } = await cluster(3);
  await sync(names);
  await pass(minute, names);
  sleep(600 * minute);
  expect(await pass(4 * minute, ['n0', 'n1'])).toEqual({});
});

test('while the store fails no silence counts', async () => {
  const { names, store, sync, pass, trouble } = await cluster(3);
  await sync(names);
  store.isFailing = true;
  expect(await pass(20 * minute, names)).toEqual({});
  expect(trouble()).not.toBeNull();
  store.isFailing = false;
  while (trouble() !== null) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(await pass(4 * minute, ['n0', 'n1'])).toEqual({});
});
