import type { Commit, Entry, Store, StoredEvent } from '../../ipam-server/store/store.ts';

export async function loaded(store: Store): Promise<{ records: Entry[]; lastEvent: number }> {
  const records: Entry[] = [];
  const { lastEvent } = await store.load((part) => {
    records.push(...part);
  });
  return { records, lastEvent };
}

export function put(records: Record<string, string | null>): Commit {
  return { records: new Map(Object.entries(records)), events: [] };
}

/** Its time is its id. */
export function event(id: number, addresses: readonly string[]): StoredEvent {
  return { id, time: id, addresses, text: JSON.stringify({ id, word: 'ü' }) };
}

const host = (number: number) => `10.9.${number >> 8}.${number & 255}`;

/** How stores of a kind are opened for these tests: a new one, and one that was used before. */
export interface StoreKind {
  readonly open: () => Promise<Store>;
  /** Null where nothing stays. */
  readonly reopen: ((store: Store) => Promise<Store>) | null;
}

/** What every store promises. */
export function storePromises({ open, reopen }: StoreKind): void {
  test('a new store is empty', async () => {
    const store = await open();
    expect(await loaded(store)).toEqual({ records: [], lastEvent: 0 });
    expect(await store.events({ after: 0, limit: 10 })).toEqual([]);
    expect(await store.oldestEvent()).toBe(0);
    await store.forgetEvents(Date.now());
    await store.close();
  });

  test('what is committed is loaded: put, replaced, removed, removed twice', async () => {
    const store = await open();
    await loaded(store);
    await store.commit([put({ 'zone/a': '1', 'zone/b': '2', 'allocation/n/c/eth0': '{"x":"ü"}' })]);
    await store.commit([put({ 'zone/a': '3', 'zone/b': null, 'zone/c': null })]);
    await store.commit([put({ 'zone/b': null })]);
    await store.commit([put({})]);
    expect(Object.fromEntries((await loaded(store)).records)).toEqual({
      'zone/a': '3',
      'allocation/n/c/eth0': '{"x":"ü"}',
    });
    await store.close();
  });

  test('large batches and large records are whole', async () => {
    const store = await open();
    await loaded(store);
    const records: Record<string, string> = { 'subnet/large': 'y'.repeat(1_000_000) };
    for (let i = 0; i < 10_000; i++) {
      records[`released/10.0.${i >> 8}.${i & 255}`] = 'x'.repeat(300);
    }
    await store.commit([put(records)]);
    expect(Object.fromEntries((await loaded(store)).records)).toEqual(records);
    await store.close();
  });

  test('a record that goes and comes again is one record', async () => {
    const store = await open();
    await loaded(store);
    for (let i = 0; i < 10; i++) {
      await store.commit([put({ 'zone/a': String(i) })]);
      await store.commit([put({ 'zone/a': null })]);
    }
    await store.commit([put({ 'zone/a': 'last' })]);
    expect((await loaded(store)).records).toEqual([['zone/a', 'last']]);
    await store.close();
  });

  test('events are found after an id, up to a limit, by address, in the order of their ids', async () => {
    const store = await open();
    await loaded(store);
    const all = [
      event(1, ['10.9.1.1', 'fd00::1']),
      event(2, ['10.9.1.10']),
      event(3, []),
      event(4, ['10.9.1.1']),
      event(5, ['10.9.1.1']),
    ];
    await store.commit([{ records: new Map([['zone/a', '1']]), events: all.slice(0, 3) }]);
    await store.commit([{ records: new Map(), events: all.slice(3) }]);
    const ids = async (after: number, limit: number, address?: string) =>
      (await store.events({ after, limit, ...(address && { address }) })).map(({ id }) => id);
    expect(await store.events({ after: 0, limit: 10 })).toEqual(all);
    expect(await ids(1, 2)).toEqual([2, 3]);
    expect(await ids(5, 10)).toEqual([]);
    expect(await ids(0, 10, '10.9.1.1')).toEqual([1, 4, 5]);
    expect(await ids(1, 1, '10.9.1.1')).toEqual([4]);
    expect(await ids(0, 10, 'fd00::1')).toEqual([1]);
    expect(await ids(0, 10, '10.9.1.2')).toEqual([]);
    expect(await store.oldestEvent()).toBe(1);
    expect((await loaded(store)).lastEvent).toBe(5);
    await store.close();
  });

  test('the history of an address is whole also among very many events', async () => {
    const store = await open();
    await loaded(store);
    const count = 40_000;
    for (let from = 1; from <= count; from += 4_000) {
      const ids = Array.from({ length: 4_000 }, (_each, i) => from + i);
      await store.commit([{ records: new Map(), events: ids.map((id) => event(id, [host(id % 1_000)])) }]);
    }
    const expected = Array.from({ length: count / 1_000 }, (_each, i) => 7 + i * 1_000);
    const found = await store.events({ after: 0, limit: 1_000, address: host(7) });
    expect(found.map(({ id }) => id)).toEqual(expected);
    const page = await store.events({ after: 20_000, limit: 15, address: host(7) });
    expect(page.map(({ id }) => id)).toEqual(expected.slice(20, 35));
    expect(page[0]).toEqual(event(20_007, [host(7)]));
    await store.forgetEvents(30_001);
    expect(await store.oldestEvent()).toBe(30_001);
    const kept = await store.events({ after: 0, limit: 1_000, address: host(7) });
    expect(kept.map(({ id }) => id)).toEqual(expected.slice(30));
    const first = await store.events({ after: 0, limit: 3, address: host(7) });
    expect(first.map(({ id }) => id)).toEqual(expected.slice(30, 33));
    await store.close();
  });

  test('events before a time are forgotten, the newest never: ids must go on growing', async () => {
    const store = await open();
    await loaded(store);
    await store.commit([{ records: new Map(), events: [1, 2, 3, 4].map((id) => event(id, ['10.9.1.1'])) }]);
    await store.forgetEvents(3);
    expect(await store.oldestEvent()).toBe(3);
    expect((await store.events({ after: 0, limit: 9, address: '10.9.1.1' })).map(({ id }) => id)).toEqual([
      3, 4,
    ]);
    await store.forgetEvents(1_000);
    expect(await store.oldestEvent()).toBe(4);
    expect((await loaded(store)).lastEvent).toBe(4);
    await store.close();
  });

  test('an event that a wrong clock put into the future is forgotten with those around it', async () => {
    const store = await open();
    await loaded(store);
    const events = [event(1, []), { ...event(2, []), time: 9_999 }, event(3, []), event(4, [])];
    await store.commit([{ records: new Map(), events }]);
    await store.forgetEvents(4);
    expect(await store.oldestEvent()).toBe(4);
    await store.close();
  });

  if (reopen === null) {
    return;
  }

  test('all of it is there when the store is opened again', async () => {
    const store = await open();
    await loaded(store);
    await store.commit([{ ...put({ 'zone/a': '1', 'zone/b': '2' }), events: [event(1, ['10.9.1.1'])] }]);
    const again = await reopen(store);
    expect(await loaded(again)).toEqual({
      records: [
        ['zone/a', '1'],
        ['zone/b', '2'],
      ],
      lastEvent: 1,
    });
    await again.commit([{ ...put({ 'zone/a': null }), events: [event(2, ['10.9.1.1'])] }]);
    expect((await loaded(again)).records).toEqual([['zone/b', '2']]);
    const found = await again.events({ after: 0, limit: 9, address: '10.9.1.1' });
    expect(found.map(({ id }) => id)).toEqual([1, 2]);
    await again.close();
  });

  test('of a commit that fails neither records nor events stay', async () => {
    const store = await open();
    await loaded(store);
    await store.commit([{ ...put({ 'zone/a': '1' }), events: [event(1, ['10.9.1.1'])] }]);
    const twice = { ...put({ 'zone/a': '2', 'zone/b': '2' }), events: [event(2, []), event(1, [])] };
    await expect(store.commit([twice])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await loaded(store)).toEqual({ records: [['zone/a', '1']], lastEvent: 1 });
    await store.commit([{ ...put({}), events: [event(2, ['10.9.1.1'])] }]);
    expect(await store.events({ after: 1, limit: 9 })).toEqual([event(2, ['10.9.1.1'])]);
    await store.close();
  });
}
