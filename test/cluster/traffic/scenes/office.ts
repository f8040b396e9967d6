import { debugPort, registryPort, webPort } from '../programs.ts';
import { expectSeen, expectThat, type Scene } from '../scene.ts';
import { call, patiently, type Spot } from '../spot.ts';

/** Office and pods: hosts of one company’s network. */
export const officeAndPods: Scene = {
  title: 'Office and pods call one another by their own addresses',
  checks: [
    {
      title: 'the office calls a pod, which sees the office’s address',
      see: async ({ office, player }) => {
        const { address, name } = player('shop-1');
        expectSeen('who answered', await call(office, address, 'hostname'), name);
        const seen = await call(office, address, 'clientip');
        return `${address} was called by ${expectSeen('the caller', seen, office.address)}`;
      },
    },
    {
      title: 'a pod calls the office, which sees the pod’s address',
      see: async ({ office, player }) => {
        const pod = player('shop-2');
        const seen = await call(pod, office.address, 'clientip');
        return `${office.address} was called by ${expectSeen('the caller', seen, pod.address)}`;
      },
    },
    {
      title: 'pods of two nodes, and of one, call one another by their own addresses',
      see: async ({ player }) => {
        const pairs = [
          ['shop-1', 'shop-2'],
          ['shop-2', 'shop-1'],
          ['shop-1', 'billing'],
        ] as const;
        for (const [from, to] of pairs) {
          const seen = await call(player(from), player(to).address, 'clientip');
          expectSeen(`${to}’s caller`, seen, player(from).address);
        }
        return pairs.map(([from, to]) => `${from} → ${to}`).join(', ');
      },
    },
    {
      title: 'the office attaches a debugger to a pod',
      see: async ({ office, player }) => {
        const at = `${player('debugged').address}:${debugPort}`;
        const page = await patiently('the debugger answers', () => office.fetch(`http://${at}/json/list`));
        const [target] = JSON.parse(page) as [{ webSocketDebuggerUrl: string }];
        expectThat(
          target.webSocketDebuggerUrl.startsWith(`ws://${at}/`),
          `it is at ${target.webSocketDebuggerUrl}`,
        );
        return target.webSocketDebuggerUrl;
      },
    },
  ],
};

/** Services that find one another by a registry outside of the cluster, as with Dubbo and Nacos. */
export const registry: Scene = {
  title: 'A registry in the office: providers say their own addresses, consumers call them',
  checks: [
    {
      title: 'a pod registers the address of its own interface',
      see: async ({ office, player }) => {
        const known = await lookUp(office, office.address, 'billing');
        return expectSeen('the registered address', known, `${player('billing').address}:${webPort}`);
      },
    },
    {
      title: 'a consumer in the office finds the pod there, and calls it',
      see: async ({ office }) => {
        const known = await lookUp(office, office.address, 'billing');
        const [address = '', port] = known.split(':');
        const answer = await call(office, address, 'hostname', Number(port));
        return `${known}: ${expectSeen('who answered', answer, 'billing')}`;
      },
    },
    {
      title: 'a consumer in a pod finds a provider in the office there, and calls it',
      see: async ({ office, player }) => {
        await office.register('warehouse', `${office.address}:${webPort}`);
        const consumer = player('shop-2');
        const [address = '', port] = (await lookUp(consumer, office.address, 'warehouse')).split(':');
        const seen = await call(consumer, address, 'clientip', Number(port));
        return `${address}:${port}, called by ${expectSeen('the caller', seen, consumer.address)}`;
      },
    },
  ],
};

/** What the registry knows of a service, soon after its provider began. */
export async function lookUp(from: Spot, registryAt: string, name: string): Promise<string> {
  return await patiently(`the registry knows ${name}`, async () => {
    const known = await from.fetch(`http://${registryAt}:${registryPort}/${name}`);
    expectThat(known !== '', `it knows nothing of ${name}`);
    return known;
  });
}
