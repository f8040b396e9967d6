import { Waiters } from './waiters.ts';

let waiters: Waiters;
let ready: string[];
const client = () => new AbortController();
const take = () => ready.shift();

beforeEach(() => {
  waiters = new Waiters();
  ready = [];
});

test('who came first is served first, the others go on waiting', async () => {
  const first = waiters.wait('a', take, 5_000, client().signal);
  const second = waiters.wait('b', take, 5_000, client().signal);
  ready.push('10.9.1.1');
  waiters.serve();
  await expect(first).resolves.toBe('10.9.1.1');
  expect(waiters.count).toBe(1);
  ready.push('10.9.1.2');
  waiters.serve();
  await expect(second).resolves.toBe('10.9.1.2');
});

test('one whose client has hung up takes nothing', async () => {
  const hanging = client();
  const first = waiters.wait('a', take, 5_000, hanging.signal);
  const second = waiters.wait('b', take, 5_000, client().signal);
  hanging.abort();
  ready.push('10.9.1.1');
  waiters.serve();
  await expect(first).resolves.toBe('gone');
  await expect(second).resolves.toBe('10.9.1.1');
});

test('one whose client had hung up before is no waiter', async () => {
  const hanging = client();
  hanging.abort();
  await expect(waiters.wait('a', take, 5_000, hanging.signal)).resolves.toBe('gone');
  expect(waiters.count).toBe(0);
});

test('after its time it waits no more', async () => {
  await expect(waiters.wait('a', take, 10, client().signal)).resolves.toBe('late');
  expect(waiters.count).toBe(0);
});

test('a DEL ends the waiting of its own attachment alone', async () => {
  const first = waiters.wait('a', take, 5_000, client().signal);
  const second = waiters.wait('b', take, 5_000, client().signal);
  waiters.end('a');
  await expect(first).resolves.toBe('ended');
  ready.push('10.9.1.1');
  waiters.serve();
  await expect(second).resolves.toBe('10.9.1.1');
});

test('what an attempt throws is told to its client, and the next is served', async () => {
  const first = waiters.wait(
    'a',
    () => {
      throw new Error('no');
    },
    5_000,
    client().signal,
  );
  const second = waiters.wait('b', take, 5_000, client().signal);
  ready.push('10.9.1.1');
  waiters.serve();
  await expect(first).rejects.toThrow('no');
  await expect(second).resolves.toBe('10.9.1.1');
});
