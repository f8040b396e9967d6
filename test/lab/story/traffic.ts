import { type Network, nodeOf, publishService } from '../network.ts';
import { office, overlay } from '../plan.ts';
import { reach, visit } from '../visit.ts';
import { type Pods, podNamed, type Stage } from './stage.ts';

/** Chapter: who reaches whom. */
export async function showTraffic(stage: Stage, pods: Pods): Promise<void> {
  const { terminal, network } = stage;
  const pod = (name: string) => podNamed(pods, name);
  const step = (title: string, act: () => Promise<string>) => terminal.step(title, act);
  terminal.chapter('Traffic: a pod is a host on the company’s network');
  await step('office → shop-1', () => reach(network.office, pod('shop-1').address, 'shop-1', office.address));
  await step('shop-1 → office', () =>
    reach(pod('shop-1').namespace, office.address, 'office', pod('shop-1').address),
  );
  await step('shop-1 → shop-3, on the same node', () =>
    reach(pod('shop-1').namespace, pod('shop-3').address, 'shop-3', pod('shop-1').address),
  );
  await step('shop-1 → shop-2, on another node', () =>
    reach(pod('shop-1').namespace, pod('shop-2').address, 'shop-2', pod('shop-1').address),
  );
  const node = nodeOf(network, 'n1');
  await step('node n1 → its own pod shop-1', () => reach(node, pod('shop-1').address, 'shop-1', '10.9.0.11'));
  await step('shop-1 → its own node n1', () =>
    reach(pod('shop-1').namespace, '10.9.0.11', 'n1', pod('shop-1').address),
  );
  await step('the gateway still knows n1 by n1’s own MAC', () => knownByItsMac(network));
  terminal.chapter('Both zones together');
  await step('ingress (overlay) → shop-2', () =>
    reach(pod('ingress').namespace, pod('shop-2').address, 'shop-2'),
  );
  await step('shop-2 → kube-dns (overlay)', () =>
    reach(pod('shop-2').namespace, pod('kube-dns').address, 'kube-dns'),
  );
  await step(`shop-1 → ClusterIP ${overlay.dnsService}, translated by its host`, async () => {
    await publishService(network, overlay.dnsService, pod('kube-dns').address);
    return reach(pod('shop-1').namespace, overlay.dnsService, 'kube-dns', undefined, 80);
  });
  await step('office → kube-dns is refused: overlay addresses stay inside', async () => {
    const answer = await visit(network.office, pod('kube-dns').address).catch(() => undefined);
    if (answer !== undefined) {
      throw new Error(`${answer.name} answered`);
    }
    return 'unreachable';
  });
}

async function knownByItsMac(network: Network): Promise<string> {
  const { gateway } = network;
  await visit(gateway, '10.9.0.11');
  const link = JSON.parse(await nodeOf(network, 'n1').run('ip', ['-j', 'link', 'show', 'eth0']));
  const neighbour = JSON.parse(await gateway.run('ip', ['-j', 'neighbour', 'show', '10.9.0.11']));
  const [own, known] = [link[0]?.address, neighbour[0]?.lladdr];
  if (own === undefined || own !== known) {
    throw new Error(`n1 has ${own}, the gateway knows ${known}`);
  }
  return known;
}
