import type { V1Pod } from '@kubernetes/client-node';
import { admit } from '../admission.ts';
import { samplePods } from '../pod.ts';
import type { RunningPod } from '../runtime.ts';
import type { Pods, Stage } from './stage.ts';

/** Creates a pod through webhook, scheduler and runtime, as one step of the story. */
export function launch(stage: Stage, pod: V1Pod): Promise<RunningPod | undefined> {
  return stage.terminal.make(`pod ${pod.metadata?.namespace}/${pod.metadata?.name}`, async () => {
    const admitted = await admit(stage.control, pod);
    const node = stage.scheduler.place(admitted);
    const made = await stage.runtime.start(admitted, node);
    const rule = admitted.metadata?.annotations?.['realip.io/placed-by'] ?? 'nobody';
    const cost = node.type === 'macvlan' ? `, ADD ${made.addMilliseconds.toFixed(1)} ms` : '';
    return { made, figure: `${made.address} on ${node.name} (zone ${node.zone}, by ${rule}${cost})` };
  });
}

/** Chapter: the webhook steers, the scheduler places, the plugin gives addresses. */
export async function startPods(stage: Stage): Promise<Pods> {
  stage.terminal.chapter('Pods are placed by kind, and business pods get real addresses');
  const running: Pods = new Map();
  for (const pod of [samplePods.dns, samplePods.ingress, ...samplePods.business]) {
    const started = await launch(stage, pod);
    if (started !== undefined) {
      running.set(started.name, started);
    }
  }
  return running;
}
