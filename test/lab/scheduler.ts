import type { V1Pod, V1Taint, V1Toleration } from '@kubernetes/client-node';
import { type NodePlan, nodes } from './plan.ts';

/** Node labels and taints as realip's docs tell admins to set them; macvlan nodes repel what no one placed. */
function labelsOf(node: NodePlan): Record<string, string> {
  return { 'realip.io/zone': node.zone, 'realip.io/zone-type': node.type };
}

function taintsOf(node: NodePlan): V1Taint[] {
  return node.type === 'macvlan'
    ? [{ key: 'realip.io/zone-type', value: 'macvlan', effect: 'NoSchedule' }]
    : [];
}

function tolerates(tolerations: readonly V1Toleration[], taint: V1Taint): boolean {
  return tolerations.some(
    ({ key, operator = 'Equal', value = '', effect }) =>
      (key === undefined || key === taint.key) &&
      (operator === 'Exists' || value === (taint.value ?? '')) &&
      (effect === undefined || effect === taint.effect),
  );
}

/** Puts pods on nodes as kube-scheduler would: filter by selector and taints, then the emptiest. */
export class Scheduler {
  readonly #pods = new Map<string, number>();

  /** @throws Error in the scheduler's words when no node will do. */
  place(pod: V1Pod): NodePlan {
    const selector = Object.entries(pod.spec?.nodeSelector ?? {});
    const tolerations = pod.spec?.tolerations ?? [];
    const candidates = nodes.filter(
      (node) =>
        selector.every(([key, value]) => labelsOf(node)[key] === value) &&
        taintsOf(node).every((taint) => tolerates(tolerations, taint)),
    );
    const [best] = candidates.sort((a, b) => this.#count(a) - this.#count(b));
    if (best === undefined) {
      throw new Error(`0/${nodes.length} nodes are available for ${pod.metadata?.name}`);
    }
    this.#pods.set(best.name, this.#count(best) + 1);
    return best;
  }

  /** A pod has gone from a node. */
  leave(node: NodePlan): void {
    this.#pods.set(node.name, this.#count(node) - 1);
  }

  #count(node: NodePlan): number {
    return this.#pods.get(node.name) ?? 0;
  }
}
