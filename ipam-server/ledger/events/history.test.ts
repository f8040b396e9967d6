import type { LedgerEvent } from '../../../schema/event.ts';
import { History } from './history.ts';

const at = (minute: number) => `2026-01-31T08:${String(minute).padStart(2, '0')}:00.000Z`;
const event = (id: number, type: string, more: Partial<LedgerEvent> = {}): LedgerEvent => ({
  id,
  time: at(id),
  type,
  addresses: ['10.9.1.7'],
  actor: 'admin',
  ...more,
});
const owner = (generation: number) => ({ generation, containerId: `c${generation}`, node: 'n1' });

function historyOf(...events: LedgerEvent[]) {
  const history = new History();
  for (const each of events) {
    history.take(each);
  }
  return history.placed.map(({ entry }) => entry);
}

test('an owner has an address from his allocation until his release', () => {
  const entries = historyOf(
    event(1, 'allocated', owner(1)),
    event(2, 'released', owner(1)),
    event(3, 'adopted', owner(2)),
    event(4, 'revoked', { ...owner(2), why: 'the node is dead' }),
    event(5, 'allocated', owner(3)),
  );
  expect(entries).toEqual([
    { type: 'allocated', from: at(1), until: at(2), ...owner(1) },
    { type: 'allocated', from: at(3), until: at(4), ...owner(2), why: 'the node is dead' },
    { type: 'allocated', from: at(5), ...owner(3) },
  ]);
});

test('a reserve has it until it gives it back, gives it to a pod, or somebody else has it', () => {
  const entries = historyOf(
    event(1, 'warm', { node: 'n1' }),
    event(2, 'returned', { node: 'n1' }),
    event(3, 'warm', { node: 'n2' }),
    event(4, 'allocated', owner(1)),
    event(5, 'released', owner(1)),
    event(6, 'warm', { node: 'n3' }),
    event(7, 'conflict', { mac: 'x' }),
    event(8, 'quarantined', { mac: 'x', until: at(59) }),
  );
  expect(entries).toEqual([
    { type: 'warm', from: at(1), until: at(2), node: 'n1' },
    { type: 'warm', from: at(3), until: at(4), node: 'n2' },
    { type: 'allocated', from: at(4), until: at(5), ...owner(1) },
    { type: 'warm', from: at(6), until: at(8), node: 'n3' },
    { type: 'conflict', from: at(7), mac: 'x' },
    { type: 'quarantined', from: at(8), until: at(59), mac: 'x' },
  ]);
});

test('a reservation lasts over the allocations beneath it', () => {
  const entries = historyOf(
    event(1, 'reserved', { object: 'db' }),
    event(2, 'allocated', owner(1)),
    event(3, 'released', owner(1)),
    event(4, 'unreserved', { object: 'db' }),
  );
  expect(entries).toMatchObject([{ type: 'reserved', from: at(1), until: at(4) }, { until: at(3) }]);
});

test('an owner whose allocation is forgotten is known by his release', () => {
  const entries = historyOf(event(5, 'released', { ...owner(1), since: at(0) }));
  expect(entries).toEqual([{ type: 'allocated', from: at(0), until: at(5), ...owner(1) }]);
});

test('an owner that the page before told is not told again', () => {
  const history = new History(1);
  history.take(event(3, 'conflict'));
  history.take(event(4, 'released', { ...owner(1), since: at(0) }));
  history.take(event(5, 'released', { ...owner(2), since: at(1) }));
  expect(history.placed.map(({ entry }) => [entry.type, entry.generation])).toEqual([
    ['conflict', undefined],
    ['allocated', 2],
  ]);
});
