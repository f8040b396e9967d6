import { lan, nodes, office } from '../plan.ts';
import { businessPod } from '../pod.ts';
import { reach } from '../visit.ts';
import type { Pods, Stage } from './stage.ts';

/** Chapter: somebody on the network has taken an address by himself. */
export async function showRogue(stage: Stage, pods: Pods): Promise<void> {
  const { terminal, ledger, runtime, network } = stage;
  const node = nodes.find(({ range, type }) => type === 'macvlan' && range === undefined);
  const free = (await ledger.map()).find(
    ({ address, state }) => state === 'free' && address >= lan.shared[0] && address <= lan.shared[1],
  );
  if (node === undefined || free === undefined) {
    throw new Error('no node could be given an address of the shared range');
  }
  const taken = free.address;
  terminal.chapter('A rogue: somebody else has the next address');
  await terminal.step(`a machine takes ${taken}, and tells nobody`, async () => {
    await network.gateway.shell(`ip address add ${taken}/32 dev eth0`);
    return 'an address of the shared range, free in the ledger';
  });
  await terminal.step(`shop-7 on ${node.name} gets another, in the same ADD`, async () => {
    const pod = await runtime.start(businessPod('shop-7'), node);
    pods.set(pod.name, pod);
    if (pod.address === taken) {
      throw new Error(`${taken} was given`);
    }
    const answer = await reach(network.office, pod.address, 'shop-7', office.address);
    return `${pod.address}, ADD ${pod.addMilliseconds.toFixed(1)} ms; office → shop-7 ${answer}`;
  });
  await terminal.step(`${taken} is in quarantine`, async () => {
    const [link] = JSON.parse(await network.gateway.run('ip', ['-j', 'link', 'show', 'eth0']));
    const { state, why = '' } = await ledger.address(taken);
    if (state !== 'quarantined' || !why.includes(link.address)) {
      throw new Error(`it is ${state}: ${why}`);
    }
    return why;
  });
}
