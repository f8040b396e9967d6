import { EventQueue, type KubeAnswer, mostWaiting } from './event-queue.ts';

const pod = { namespace: 'shop', name: 'web-0', uid: 'u1' };
const good = { status: 201, text: '' };

/** An API server that answers in turn what it is told to, then `good`. */
function trial(...answers: (KubeAnswer | Error | Promise<KubeAnswer>)[]) {
  const calls: string[] = [];
  const lost: string[] = [];
  const pauses: number[] = [];
  const clock = { now: 0 };
  const queue = new EventQueue({
    node: 'n1',
    call: async (method, path, body) => {
      calls.push(`${method} ${path} ${(body as { count: number }).count}`);
      const answer = answers.shift() ?? good;
      if (answer instanceof Error) {
        throw answer;
      }
      return answer;
    },
    lost: (reason) => lost.push(reason),
    now: () => clock.now,
    sleep: async (milliseconds) => {
      pauses.push(milliseconds);
    },
  });
  const settled = () => new Promise((resolve) => setTimeout(resolve, 5));
  return { queue, calls, lost, pauses, clock, settled };
}

test('an event is tried again while the API server is away or overloaded', async () => {
  const { queue, calls, lost, pauses, settled } = trial(
    new Error('ECONNREFUSED'),
    { status: 503, text: '' },
    { status: 429, text: '' },
  );
  queue.warn(pod, 'AddressConflict', 'm');
  await settled();
  expect(calls).toEqual(Array(4).fill('POST /namespaces/shop/events 1'));
  expect([lost, pauses]).toEqual([[], [2_000, 4_000, 8_000]]);
});

test('what is refused is given up at once, and what nobody answers after some tries; the next goes on', async () => {
  const { queue, calls, lost, settled } = trial(
    { status: 403, text: 'events is forbidden' },
    ...Array(6).fill(new Error('timed out')),
  );
  for (const name of ['a', 'b', 'c']) {
    queue.warn({ ...pod, name }, 'AddressConflict', 'm');
  }
  await settled();
  expect(lost).toEqual(['the API server answers 403: events is forbidden', 'timed out']);
  expect(calls.length).toBe(1 + 6 + 1);
});

test('one more of the same changes the event; where the API server has lost it, it is made anew', async () => {
  const { queue, calls, clock, settled } = trial(good, { status: 404, text: '' });
  queue.warn(pod, 'AddressConflict', 'm');
  await settled();
  clock.now = 300_000;
  queue.warn(pod, 'AddressConflict', 'm');
  await settled();
  expect(calls).toEqual([
    'POST /namespaces/shop/events 1',
    expect.stringMatching(/^PATCH \/namespaces\/shop\/events\/web-0\.\w+ 2$/),
    'POST /namespaces/shop/events 2',
  ]);
});

test('nobody waits, and the queue has an end: the oldest are given up', async () => {
  let answer: (answer: KubeAnswer) => void = () => {};
  const { queue, calls, lost, settled } = trial(
    new Promise((resolve) => {
      answer = resolve;
    }),
  );
  for (let number = 0; number < mostWaiting + 11; number++) {
    queue.warn({ ...pod, name: `web-${number}` }, 'AddressConflict', 'm');
  }
  expect(lost.length).toBe(10);
  answer(good);
  await settled();
  expect(calls.length).toBe(1 + mostWaiting);
});
