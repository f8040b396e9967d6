import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Keeper } from '../../store/keeper.ts';
import type { StoredEvent } from '../../store/store.ts';
import { Watchers } from './watchers.ts';

const event = (id: number): StoredEvent => ({
  id,
  time: id,
  addresses: [],
  text: JSON.stringify({ id, type: 'x', addresses: [] }),
});

/** What a keeper has on disk. */
class Disk {
  readonly stored: StoredEvent[] = [];

  async events({ after, limit }: { after: number; limit: number }): Promise<readonly StoredEvent[]> {
    return this.stored.filter(({ id }) => id > after).slice(0, limit);
  }

  async hasEventsAfter(id: number): Promise<boolean> {
    return (this.stored[0]?.id ?? 0) <= id + 1;
  }
}

/** A client’s connection, whose buffer the test fills and empties. */
class Client extends EventEmitter {
  text = '';
  isFull = false;
  writableEnded = false;
  destroyed = false;

  get ids(): number[] {
    return Array.from(this.text.matchAll(/^id: (\d+)\ndata/gm), ([, id]) => Number(id));
  }

  write(text: string): boolean {
    this.text += text;
    return !this.isFull;
  }

  end(): void {
    this.writableEnded = true;
    this.emit('close');
  }

  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

function watching(after: number) {
  const [watchers, disk, client] = [new Watchers(), new Disk(), new Client()];
  const watch = { after, filter: {}, isAllowed: async () => true };
  const commit = (...ids: number[]) => {
    disk.stored.push(...ids.map(event));
    watchers.take(ids.at(-1) ?? 0, ids.map(event));
  };
  const begin = () => watchers.add(client as unknown as ServerResponse, disk as unknown as Keeper, watch);
  return { watchers, disk, client, commit, begin };
}

const nextTurn = () => new Promise((resolve) => setTimeout(resolve, 5));

test('what became durable in a commit that seemed to fail is sent, in its place', async () => {
  const { watchers, disk, client, commit, begin } = watching(0);
  begin();
  commit(1, 2);
  await nextTurn();
  disk.stored.push(event(3), event(4));
  commit(5);
  await nextTurn();
  expect(client.ids).toEqual([1, 2, 3, 4, 5]);
  disk.stored.push(event(6));
  watchers.take(6, []);
  await nextTurn();
  expect(client.ids).toEqual([1, 2, 3, 4, 5, 6]);
});

test('the events of a restored ledger, which counts from a higher number on, follow the last before', async () => {
  const { client, commit, begin } = watching(1);
  commit(1, 2);
  commit(1001, 1002);
  begin();
  commit(2001);
  await nextTurn();
  expect(client.ids).toEqual([2, 1001, 1002, 2001]);
});

test('a client whose buffer is full is sent nothing until it has room', async () => {
  const { client, commit, begin } = watching(0);
  begin();
  client.isFull = true;
  commit(1);
  await nextTurn();
  commit(2);
  commit(3);
  await nextTurn();
  expect(client.ids).toEqual([1]);
  client.isFull = false;
  client.emit('drain');
  await nextTurn();
  expect(client.ids).toEqual([1, 2, 3]);
});

test('a client that is so far behind that events are forgotten is dropped, not told with a gap', async () => {
  const { watchers, client, commit, begin } = watching(1);
  commit(5, 6);
  begin();
  await nextTurn();
  expect(client.ids).toEqual([]);
  expect(client.destroyed).toBe(true);
  expect(watchers.size).toBe(0);
});
