import { setTimeout as pause } from 'node:timers/promises';
import { openLog } from '../service/log.ts';
import { BlockReturns } from './block-returns.ts';
import { allocate } from './ledger/allocation/allocate.ts';
import { release } from './ledger/allocation/release.ts';
import { putNode } from './ledger/edits/node-edits.ts';
import { putSubnet } from './ledger/edits/subnet-edits.ts';
import { putZone } from './ledger/edits/zone-edits.ts';
import { byServer } from './ledger/events/event.ts';
import { Keeper } from './store/keeper.ts';
import { MemoryStore } from './store/memory.ts';

const attachment = (n: number) => ({ network: 'net', containerId: `c${n}`, ifname: 'eth0' });

test('blocks go back by themselves', async () => {
  let ids = 0;
  const keeper = await Keeper.start(new MemoryStore(), {
    now: Date.now,
    id: () => `id-${++ids}`,
    onCommit: () => {},
    onEvents: () => {},
    onStoreError: () => {},
  });
  const edit = (decide: Parameters<Keeper['apply']>[0]) => keeper.apply(decide, byServer);
  const returns = new BlockReturns(keeper, openLog('error'), 5);
  try {
    await edit((ledger) => putZone(ledger, 'real', { type: 'macvlan' }, {}));
    const spec = { zone: 'real', cidr: '10.9.0.0/16', cooldownSeconds: 0, autoRange: { size: 2 } };
    await edit((ledger) => putSubnet(ledger, 'lan', spec, {}));
    await edit((ledger, { now }) => putNode(ledger, 'n1', { zone: 'real' }, {}, now));
    for (const n of [1, 2, 3]) {
      await edit((ledger, moment) => allocate(ledger, { node: 'n1', ...attachment(n) }, moment));
    }
    for (const n of [1, 2, 3]) {
      await edit((ledger, moment) => release(ledger, attachment(n), {}, moment));
    }
    returns.start();
    while ((await keeper.read((ledger) => ledger.ranges.size)) > 1) {
      await pause(5);
    }
  } finally {
    returns.stop();
    await keeper.close();
  }
});
