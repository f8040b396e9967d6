import type { ServerResponse } from 'node:http';
import { SentEvent } from './recent-events.ts';
import { Watcher } from './watcher.ts';

const sent = (id: number, type: string) =>
  new SentEvent({ id, time: id, addresses: [], text: JSON.stringify({ id, type, addresses: [] }) });

function watcherOf(isAllowed: () => boolean) {
  const response = {
    text: '',
    writableEnded: false,
    destroyed: false,
    write(part: string): boolean {
      response.text += part;
      return true;
    },
    end(): void {
      response.writableEnded = true;
    },
  };
  const events = [sent(1, 'a'), sent(2, 'b'), sent(3, 'b')];
  const source = {
    last: 3,
    after: (id: number) => events.filter((event) => event.id > id),
    hasAllAfter: async () => true,
  };
  const watch = { after: 0, filter: { type: 'a' }, isAllowed: async () => isAllowed() };
  return { response, watcher: new Watcher(response as unknown as ServerResponse, source, watch) };
}

const nextTurn = () => new Promise((resolve) => setTimeout(resolve, 5));

test('a sign of life tells the id of events that the filter left out, once', async () => {
  const { response, watcher } = watcherOf(() => true);
  watcher.pump();
  await nextTurn();
  expect(response.text).toBe('id: 1\ndata: {"id":1,"type":"a","addresses":[]}\n\n');
  response.text = '';
  await watcher.beat();
  await watcher.beat();
  expect(response.text).toBe('id: 3\n: alive\n\n: alive\n\n');
});

test('a watch ends at the next sign of life when its token is good no more', async () => {
  let isAllowed = true;
  const { response, watcher } = watcherOf(() => isAllowed);
  await watcher.beat();
  expect(response.writableEnded).toBe(false);
  isAllowed = false;
  await watcher.beat();
  expect(response.writableEnded).toBe(true);
});
