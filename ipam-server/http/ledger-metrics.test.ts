import { Ledger } from '../ledger/state/ledger.ts';
import { ledgerMetrics } from './ledger-metrics.ts';

test('while thousands of ranges are counted, waiting calls are let pass', async () => {
  const ledger = new Ledger();
  ledger.apply({ kind: 'zone', name: 'real', record: { revision: 1, spec: { type: 'macvlan' } } });
  ledger.apply({
    kind: 'subnet',
    name: 'lan',
    record: { revision: 2, spec: { zone: 'real', cidr: '10.0.0.0/8' } },
  });
  for (let n = 0; n < 5_000; n++) {
    const start = `10.${n >> 8}.${n & 255}.0`;
    const spec = { subnet: 'lan', start, end: start.replace(/0$/, '255'), node: `n${n}` };
    ledger.apply({ kind: 'range', name: `r${n}`, record: { revision: 3 + n, spec } });
  }
  let passed = 0;
  const timer = setInterval(() => {
    passed += 1;
  });
  const text = await ledgerMetrics(() => ({ ledger, now: 0 }), 5_000);
  clearInterval(timer);
  expect(passed).toBeGreaterThan(1);
  expect(text.match(/^realip_ipam_range_size\{/gm)).toHaveLength(5_000);
});

test('without a ledger in memory there is nothing to tell', async () => {
  expect(await ledgerMetrics(() => null, 10)).toBe('');
});

test('nodes are counted by what their agents have told, fenced ones apart', async () => {
  const ledger = new Ledger();
  const now = 10_000_000;
  const agents = {
    a: { syncedAt: now - 1_000 },
    b: { syncedAt: now - 301_000 },
    c: { fencedAt: now, syncedAt: 1 },
  };
  for (const name of ['a', 'b', 'c', 'd']) {
    ledger.apply({ kind: 'node', name, record: { revision: 1, spec: { zone: 'real' } } });
  }
  for (const [name, agent] of Object.entries(agents)) {
    ledger.apply({ kind: 'agent', name, record: { ...agent, addresses: [], suspects: [], revoked: [] } });
  }
  const epoch = { value: 2, at: now, why: 'restored', waitingFor: ['b', 'd'] };
  ledger.apply({ kind: 'epoch', name: 'current', record: epoch });
  const text = await ledgerMetrics(() => ({ ledger, now }), 0);
  const states = [...text.matchAll(/realip_ipam_nodes\{state="(\w+)"\} (\d)/g)].map(([, state, count]) => [
    state,
    count,
  ]);
  expect(Object.fromEntries(states)).toEqual({ unsynced: '1', synced: '1', silent: '1', fenced: '1' });
  expect(text).toContain(`\nrealip_ipam_oldest_sync_timestamp_seconds ${(now - 301_000) / 1000}\n`);
  expect(text).toContain('\nrealip_ipam_epoch 2\n');
  expect(text).toContain('\nrealip_ipam_epoch_waiting_nodes 2\n');
});
