import { Room } from './room.ts';

const stays = new AbortController().signal;
const longMs = 60_000;

/** Whether a promise is settled, after everything that is due has run. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.then(
    () => (settled = true),
    () => (settled = true),
  );
  await new Promise(setImmediate);
  return settled;
}

test('who finds the room full waits until enough is given back, in the order of coming', async () => {
  const room = new Room(10, longMs);
  const [first, second] = [await room.take(6, stays), await room.take(4, stays)];
  const large = room.take(8, stays);
  const small = room.take(1, stays);
  first();
  first();
  expect(await isSettled(large)).toBe(false);
  expect(await isSettled(small)).toBe(false);
  second();
  (await large)();
  (await small)();
  await room.take(10, stays);
});

test('who waits too long is refused, and who waits behind may fit', async () => {
  const room = new Room(10, 50);
  await room.take(6, stays);
  const [large, small] = [room.take(8, stays), room.take(4, stays)];
  await expect(large).rejects.toMatchObject({ code: 'WEBHOOK_BUSY' });
  await small;
});

test('who goes away while waiting takes nothing', async () => {
  const room = new Room(10, longMs);
  const first = await room.take(6, stays);
  const caller = new AbortController();
  const waiting = room.take(8, caller.signal);
  caller.abort();
  await expect(waiting).rejects.toThrow('went away');
  first();
  await room.take(10, stays);
});
