import { setTimeout as sleep } from 'node:timers/promises';
import { nodeOf } from '../network.ts';
import type { Pods, Stage } from './stage.ts';

/** Chapter: what the ledger says, and that nothing is left when every pod has gone. */
export async function emptyCluster(stage: Stage, pods: Pods): Promise<void> {
  const { terminal, runtime, ledger, network } = stage;
  terminal.chapter('Every pod is deleted, and nothing is left');
  await terminal.step(`DEL of ${pods.size} pods`, async () => {
    const started = performance.now();
    for (const pod of pods.values()) {
      await runtime.stop(pod);
    }
    return `${(performance.now() - started).toFixed(0)} ms`;
  });
  await terminal.step('no address is allocated any more', async () => {
    // Agents tell of releases when the runtime has had its answer already.
    const end = performance.now() + 5000;
    for (;;) {
      const used = (await ledger.map()).filter(({ state }) => state === 'allocated');
      if (used.length === 0) {
        return '0 of the subnet’s addresses';
      }
      if (performance.now() > end) {
        throw new Error(`still allocated: ${used.map(({ address }) => address).join(', ')}`);
      }
      await sleep(20);
    }
  });
  await terminal.step('no route or neighbour of a pod is left on the nodes', async () => {
    const left = await Promise.all(
      ['n1', 'n2'].flatMap((name) => [
        nodeOf(network, name).run('sh', ['-c', 'ip route show; ip neighbour show nud permanent']),
      ]),
    );
    const lines = left
      .join('')
      .split('\n')
      .filter((line) => /^10\.9\.[12]\./.test(line));
    if (lines.length > 0) {
      throw new Error(lines.join(', '));
    }
    return 'none';
  });
}
