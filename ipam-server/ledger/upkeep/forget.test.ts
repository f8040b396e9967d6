import { Ledger } from '../state/ledger.ts';
import { forgetOutsiders } from './forget.ts';

const day = 24 * 3_600_000;

test('an address at rest or contested is forgotten a day later when no range has it, and only then', () => {
  const ledger = new Ledger();
  const spec = { zone: 'real', cidr: '10.9.0.0/24' };
  ledger.apply({ kind: 'subnet', name: 'lan', record: { revision: 1, spec } });
  const range = { subnet: 'lan', start: '10.9.0.1', end: '10.9.0.9' };
  ledger.apply({ kind: 'range', name: 'r', record: { revision: 2, spec: range } });
  for (const name of ['10.9.0.5', '10.9.0.100', '10.99.0.1']) {
    ledger.apply({ kind: 'released', name, record: { at: 0, sequence: 3, by: 'pod shop/web-0' } });
  }
  for (const name of ['10.9.0.6', '10.9.0.101']) {
    const record = { at: 0, sequence: 4, node: 'n1', mac: '02:00:00:00:00:01' };
    ledger.apply({ kind: 'conflict', name, record });
  }
  expect(forgetOutsiders(ledger, day).answer).toBe(0);
  const { writes } = forgetOutsiders(ledger, day + 1);
  expect(writes.map(({ name }) => name)).toEqual(['10.9.0.100', '10.99.0.1', '10.9.0.101']);
});
