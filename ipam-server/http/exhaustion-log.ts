import type { Logger } from 'winston';
import type { Problem } from '../../core/problem/problem.ts';
import type { AllocationRequest } from '../../schema/allocation.ts';
import { Seldom } from '../../service/seldom.ts';

/** Milliseconds between two warnings about one node: a kubelet asks again for each of its waiting pods. */
const pause = 60_000;

/** Warns that a node has no address left, once a minute and node. */
export class ExhaustionLog {
  readonly #log: Logger;
  readonly #seldom = new Seldom(pause, () => performance.now());

  constructor(log: Logger) {
    this.#log = log;
  }

  /** @param asked the request that got none */
  tell(problem: Problem, asked: AllocationRequest, request: string): void {
    const { node, network, containerId, ifname, pod } = asked;
    const passedOver = this.#seldom.tell(node);
    if (passedOver !== null) {
      this.#log.warn('no address left', {
        ...{ node, why: problem.message, pod: pod && `${pod.namespace}/${pod.name}` },
        ...{ network, containerId, ifname, request },
        alsoSince: passedOver,
      });
    }
  }
}
