import { Ledger } from '../ledger/ledger.ts';
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
