import { Holders } from './holders.ts';
import type { AllocationRecord } from './record.ts';

function record(generation: number, containerId: string, ...addresses: string[]): AllocationRecord {
  return {
    id: `id-${generation}`,
    generation,
    at: 1,
    node: 'n1',
    network: 'realip',
    containerId,
    ifname: 'eth0',
    mac: '0a:58:0a:09:00:01',
    ips: addresses.map((address) => ({ address, subnet: 'lan', range: 'r' })),
  };
}

test('through very many comings and goings each is found by attachment and address, all in order', () => {
  const holders = new Holders();
  const alive = new Map<number, AllocationRecord>();
  let state = 7;
  for (let generation = 1; generation <= 9_000; generation++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    const place = (state >>> 8) % 1_200;
    const present = alive.get(place);
    if (present !== undefined) {
      holders.remove(present);
      alive.delete(place);
    } else {
      const next = record(generation, `c${place}`, `10.9.${place >> 8}.${place & 255}`, `fd00::${place + 1}`);
      holders.add(next);
      alive.set(place, next);
    }
  }
  const places = Array.from({ length: 1_200 }, (_, place) => place);
  expect(places.map((place) => holders.ofAttachment(`realip/c${place}/eth0`))).toEqual(
    places.map((place) => alive.get(place)),
  );
  expect(places.map((place) => holders.ofAddress(`fd00::${place + 1}`))).toEqual(
    places.map((place) => alive.get(place)),
  );
  const generations = [...alive.values()].map(({ generation }) => generation).sort((a, b) => a - b);
  expect(Array.from(holders.all(), ({ generation }) => generation)).toEqual(generations);
  const half = generations[generations.length >> 1] ?? 0;
  const later = generations.filter((generation) => generation > half);
  expect(Array.from(holders.all(half), ({ generation }) => generation)).toEqual(later);
  expect([holders.size, holders.addressCount]).toEqual([alive.size, alive.size * 2]);
});

test('an allocation of an earlier generation takes its place in the order', () => {
  const holders = new Holders();
  const middle = record(5, 'b', '10.9.0.2');
  for (const each of [record(3, 'a', '10.9.0.1'), middle, record(7, 'c', '10.9.0.3')]) {
    holders.add(each);
  }
  holders.remove(middle);
  holders.add(middle);
  holders.add(record(1, 'd', '10.9.0.4'));
  expect(Array.from(holders.all(), ({ generation }) => generation)).toEqual([1, 3, 5, 7]);
});
