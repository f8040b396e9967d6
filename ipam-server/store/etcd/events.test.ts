import type { StoredEvent } from '../store.ts';
import { eventsOf, textOf } from './events.ts';

function events(count: number): StoredEvent[] {
  return Array.from({ length: count }, (_, i) => ({
    id: i + 1,
    time: 1_790_000_000_000 + i,
    addresses: [`10.0.0.${i}`],
    text: JSON.stringify({ id: i + 1, type: 'allocated', pod: { namespace: 'café', name: `shop-${i}` } }),
  }));
}

test('few events are kept as they are, many of them packed, and both are read', () => {
  const [few, many] = [events(3), events(119)];
  expect(JSON.parse(textOf(few))).toHaveLength(3);
  expect(textOf(many).length).toBeLessThan(JSON.stringify(many).length / 3);
  for (const all of [few, many]) {
    expect(eventsOf({ key: 'events/1', value: textOf(all) })).toEqual(all);
  }
});

test('a packed value that is damaged is told with its key', () => {
  const value = textOf(events(119));
  const damaged = `${value.slice(0, 200)}AAAA${value.slice(204)}`;
  for (const each of [damaged, value.slice(0, 500), 'z', 'zzzz']) {
    expect(() => eventsOf({ key: 'events/1', value: each })).toThrow('events/1 holds no events');
  }
});
