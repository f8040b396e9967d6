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

test('an API server that starts says for some seconds that we may not: it is tried again', async () => {
  const { queue, calls, lost, settled } = trial(
    new Error('ECONNREFUSED'),
    ...Array(3).fill({ status: 403, text: 'events is forbidden' }),
  );
  queue.warn(pod, 'AddressConflict', 'm');
  await settled();
  expect([calls.length, lost]).toEqual([5, []]);
});

test('what is wrong is given up at once, what is refused soon, what nobody answers after ten minutes; the next goes on', async () => {
  const { queue, calls, lost, pauses, settled } = trial(
    { status: 422, text: 'no event' },
    ...Array(4).fill({ status: 403, text: 'events is forbidden' }),
    ...Array(25).fill(new Error('timed out')),
  );
  for (const name of ['wrong', 'a', 'b', 'c']) {
    queue.warn({ ...pod, name }, 'AddressConflict', 'm');
  }
  await settled();
  expect(lost).toEqual([
    'the API server answers 422: no event',
    'the API server answers 403: events is forbidden',
    'timed out',
  ]);
  expect(calls.length).toBe(1 + 4 + 25 + 1);
  expect(Math.max(...pauses)).toBe(30_000);
  expect(pauses.reduce((sum, each) => sum + each)).toBeGreaterThan(600_000);
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
