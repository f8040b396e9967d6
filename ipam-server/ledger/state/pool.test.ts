import { Ip } from '../../../core/address/ip.ts';
import { Range } from '../../../core/address/range.ts';
import { Pool } from './pool.ts';
import { type Released, waiting } from './waiting.ts';

const minute = 60_000;
const never = { cooldown: 0, quarantine: 0 };
const waits = { cooldown: minute, quarantine: 60 * minute };

function poolOf(start: string, end: string, holes: string[] = []) {
  const known = new Set<string>();
  const network = { partsOf: (range: Range) => range.minus(holes.map(Range.parse)) };
  const pool = new Pool('r', { subnet: 's', start, end }, network, (address) => known.has(address));
  return { pool, known };
}

const rests = (pool: Pool, entry: Released) => pool.enter(entry.ip, { is: 'resting', entry });
const restsNoMore = (pool: Pool, entry: Released) => pool.leave({ is: 'resting', entry });

function restingAt(address: string, at: number, sequence = at): Released {
  return waiting(Ip.parse(address), { at, sequence, by: 'pod shop/web-0' });
}

test('fresh addresses come in order, past holes and known ones', () => {
  const { pool, known } = poolOf('10.9.0.0', '10.9.0.9', ['10.9.0.0-10.9.0.1', '10.9.0.4']);
  known.add('10.9.0.3');
  const given = [];
  for (let ip = pool.next(0, never); ip !== undefined; ip = pool.next(0, never)) {
    given.push(ip.toString());
    known.add(ip.toString());
  }
  expect(given.map((address) => address.slice('10.9.0.'.length))).toEqual(['2', '5', '6', '7', '8', '9']);
  expect(pool.total).toBe(7);
});

test('a released address comes after the fresh ones, and only when it has rested', () => {
  const { pool, known } = poolOf('10.9.0.1', '10.9.0.2');
  known.add('10.9.0.1');
  rests(pool, restingAt('10.9.0.1', 0));
  expect(pool.next(0, waits)?.toString()).toBe('10.9.0.2');
  known.add('10.9.0.2');
  expect(pool.next(minute - 1, waits)).toBeUndefined();
  expect(pool.next(minute, waits)?.toString()).toBe('10.9.0.1');
  expect(pool.oldest?.ip.toString()).toBe('10.9.0.1');
});

test('addresses rest in the order of their release, whichever leaves in between', () => {
  const { pool, known } = poolOf('10.9.0.1', '10.9.0.3');
  const entries = ['10.9.0.2', '10.9.0.1', '10.9.0.3'].map((address, at) => restingAt(address, at));
  for (const entry of entries) {
    known.add(entry.ip.toString());
    rests(pool, entry);
  }
  const [first, second, third] = entries;
  if (first === undefined || second === undefined || third === undefined) {
    throw new Error('there are three');
  }
  expect(pool.cooling(minute, waits)).toBe(2);
  restsNoMore(pool, second);
  expect(pool.next(minute * 2, waits)).toBe(first.ip);
  restsNoMore(pool, first);
  expect(pool.next(minute * 2, waits)).toBe(third.ip);
  restsNoMore(pool, third);
  expect(pool.next(minute * 2, waits)).toBeUndefined();
});

test('a contested address comes last, and only after its quarantine', () => {
  const { pool, known } = poolOf('10.9.0.1', '10.9.0.3');
  known.add('10.9.0.1').add('10.9.0.2');
  const record = { at: 0, sequence: 1, node: 'n1', mac: '02:00:00:00:00:01' };
  const entry = waiting(Ip.parse('10.9.0.1'), record);
  pool.enter(entry.ip, { is: 'contested', entry, claim: undefined });
  rests(pool, restingAt('10.9.0.2', 0));
  expect(pool.quarantined(60 * minute - 1, waits)).toBe(1);
  expect(pool.quarantined(60 * minute, waits)).toBe(0);
  expect(pool.next(60 * minute, waits)?.toString()).toBe('10.9.0.3');
  known.add('10.9.0.3');
  const { oldest } = pool;
  expect(pool.next(60 * minute, waits)).toBe(oldest?.ip);
  expect(oldest?.ip.toString()).toBe('10.9.0.2');
  restsNoMore(pool, oldest ?? restingAt('10.9.0.2', 0));
  expect(pool.next(60 * minute - 1, waits)).toBeUndefined();
  expect(pool.next(60 * minute, waits)?.toString()).toBe('10.9.0.1');
  expect(pool.oldest).toBeNull();
});

test('a large range prefers rested addresses once very many rest, so that its records stay bounded', () => {
  const { pool, known } = poolOf('10.64.0.0', '10.127.255.255');
  for (let i = 0n; i <= 65_536n; i++) {
    const entry = waiting(Ip.parse('10.64.0.0').plus(i), { at: 0, sequence: Number(i), by: '' });
    known.add(entry.ip.toString());
    rests(pool, entry);
  }
  expect(pool.next(minute - 1, waits)?.toString()).toBe('10.65.0.1');
  expect(pool.next(minute, waits)?.toString()).toBe('10.64.0.0');
});
