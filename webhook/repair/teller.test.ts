import { setTimeout as after } from 'node:timers/promises';
import type { KubeCall } from '../kube/api-server.ts';
import type { StoredPod } from './stored-pod.ts';
import { Teller } from './teller.ts';

const stored: StoredPod = {
  namespace: 'shop',
  name: 'web-0',
  uid: '01234567-89ab-cdef',
  pod: { spec: {} },
  node: null,
  created: 0,
  controller: null,
  isEnding: false,
  isDone: false,
  isReady: true,
  hasClaims: false,
  addresses: 0,
};
const notice = (message: string) => ({ type: 'Warning' as const, reason: 'Unplaced', message });

test('an event is told once however often it holds, changed with its words, and not at all once it is over', async () => {
  const events = new Map<string, string>();
  const calls: string[] = [];
  const lost: string[] = [];
  const teller = new Teller({
    api: {
      call: async ({ method, path, body }: KubeCall) => {
        const { metadata, message } = body as { metadata?: { name: string }; message: string };
        const name = metadata?.name ?? path.split('/').at(-1) ?? '';
        calls.push(`${method} ${name} ${message}`);
        const isThere = method === 'POST' && events.has(name);
        if (!isThere) {
          events.set(name, message);
        }
        return { status: isThere ? 409 : 201, body: {}, date: 0 };
      },
    },
    lost: (reason) => lost.push(reason),
  });
  const quiet = async (count: number) => {
    while (calls.length < count) {
      await after(20);
    }
    await after(300);
    expect(calls).toHaveLength(count);
  };
  const running = teller.run();
  for (let time = 0; time < 3; time++) {
    teller.tell('shop/web-0', stored, [notice('first')]);
  }
  await quiet(1);
  teller.tell('shop/web-0', stored, [notice('second')]);
  await quiet(3);
  teller.tell('shop/web-1', { ...stored, name: 'web-1' }, [notice('late')]);
  teller.forget('shop/web-1');
  await quiet(3);
  expect(calls).toEqual([
    'POST web-0.unplaced.01234567-89ab first',
    'POST web-0.unplaced.01234567-89ab second',
    'PATCH web-0.unplaced.01234567-89ab second',
  ]);
  expect([...events.values()]).toEqual(['second']);
  expect(lost).toEqual([]);
  teller.stop();
  await running;
});
