import { Ledger } from './ledger.ts';
import type { Write } from './record.ts';

const range = (start: string, end: string): Write => ({
  kind: 'range',
  name: 'r',
  record: { revision: 3, spec: { subnet: 'lan', start, end } },
});
const subnet = (excludes: string[]): Write => ({
  kind: 'subnet',
  name: 'lan',
  record: { revision: 2, spec: { zone: 'real', cidr: '10.9.0.0/24', excludes } },
});
const released = (name: string, sequence: number): Write => ({
  kind: 'released',
  name,
  record: { at: sequence, sequence, by: 'pod shop/web-0' },
});

const conflict = (name: string, sequence: number): Write => ({
  kind: 'conflict',
  name,
  record: { at: sequence, sequence, node: 'n1', mac: '02:00:00:00:00:01' },
});

function ledgerOf(...writes: Write[]) {
  const ledger = new Ledger();
  for (const write of writes) {
    ledger.apply(write);
  }
  const pool = () => ledger.networks.get('lan')?.pools.get('r');
  return {
    ledger,
    oldest: () => pool()?.oldest?.ip.toString(),
    next: () => pool()?.next(10_000_000, { cooldown: 0, quarantine: 0 })?.toString(),
  };
}

test('an address that rests outside every range rests in the range that comes to hold it', () => {
  const { ledger, oldest } = ledgerOf(subnet([]), range('10.9.0.1', '10.9.0.1'), released('10.9.0.2', 5));
  expect(oldest()).toBeUndefined();
  ledger.apply(range('10.9.0.1', '10.9.0.2'));
  expect(oldest()).toBe('10.9.0.2');
});

test('an excluded address leaves the queue and comes back to its old place', () => {
  const both = [released('10.9.0.1', 5), released('10.9.0.2', 6)];
  const { ledger, oldest, next } = ledgerOf(subnet([]), range('10.9.0.1', '10.9.0.2'), ...both);
  expect(next()).toBe('10.9.0.1');
  ledger.apply(subnet(['10.9.0.1']));
  expect([oldest(), next()]).toEqual(['10.9.0.2', '10.9.0.2']);
  ledger.apply(subnet([]));
  expect([oldest(), next()]).toEqual(['10.9.0.1', '10.9.0.1']);
});

test('a deleted range that comes back knows its allocations and what rests', () => {
  const { ledger, oldest } = ledgerOf(subnet([]), range('10.9.0.1', '10.9.0.9'), released('10.9.0.1', 5));
  ledger.apply({ kind: 'range', name: 'r', record: null });
  ledger.apply(range('10.9.0.1', '10.9.0.9'));
  expect(oldest()).toBe('10.9.0.1');
});

test('a contested address follows its range: deleted, excluded, back again', () => {
  const { ledger, next } = ledgerOf(subnet([]), range('10.9.0.1', '10.9.0.1'), conflict('10.9.0.1', 5));
  ledger.apply({ kind: 'range', name: 'r', record: null });
  ledger.apply(range('10.9.0.1', '10.9.0.1'));
  expect(next()).toBe('10.9.0.1');
  ledger.apply(subnet(['10.9.0.1']));
  expect(next()).toBeUndefined();
  ledger.apply(subnet([]));
  ledger.apply(conflict('10.9.0.1', 6));
  expect(next()).toBe('10.9.0.1');
  ledger.apply({ kind: 'conflict', name: '10.9.0.1', record: null });
  ledger.apply(released('10.9.0.1', 7));
  expect(next()).toBe('10.9.0.1');
});
