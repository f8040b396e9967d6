import type { V1Pod } from '@kubernetes/client-node';
import type { Asked } from '../capacity/asked.ts';
import { addressesAskedBy } from '../capacity/pod-request.ts';

interface Exception {
  readonly node: string;
  readonly count: number;
}

/** Pods that are bound to a node and have not ended: those that the scheduler counts. */
export const boundPods = { fieldSelector: 'spec.nodeName!=,status.phase!=Succeeded,status.phase!=Failed' };

/**
 * The pods that ask the scheduler for another number of addresses than one: those of DaemonSets, on overlay nodes, of
 * a time without webhook. Of all others nothing is kept, so a large cluster costs little.
 */
export class AskedPods implements Asked {
  #byPod = new Map<string, Exception>();
  #byNode = new Map<string, Map<string, number>>();
  readonly #changes = new Map<string, number>();
  #all = 0;
  /** A list that is not complete yet. */
  #listed: Map<string, Exception> | null = null;

  on(node: string): Iterable<readonly [pod: string, count: number]> {
    return this.#byNode.get(node) ?? [];
  }

  changesOn(node: string): number {
    return this.#all + (this.#changes.get(node) ?? 0);
  }

  begin(): void {
    this.#listed = new Map();
  }

  put(pod: V1Pod): void {
    const { name, exception } = read(pod);
    if (this.#listed === null) {
      this.#set(name, exception);
    } else if (exception !== null) {
      this.#listed.set(name, exception);
    }
  }

  end(): void {
    this.#byPod = this.#listed ?? new Map();
    this.#listed = null;
    this.#byNode = new Map();
    for (const [name, exception] of this.#byPod) {
      this.#enter(name, exception);
    }
    this.#all++;
  }

  remove(pod: V1Pod): void {
    this.#set(read(pod).name, null);
  }

  #set(name: string, exception: Exception | null): void {
    const before = this.#byPod.get(name);
    if (before?.node === exception?.node && before?.count === exception?.count) {
      return;
    }
    if (before !== undefined) {
      this.#byPod.delete(name);
      this.#byNode.get(before.node)?.delete(name);
      this.#touch(before.node);
    }
    if (exception !== null) {
      this.#byPod.set(name, exception);
      this.#enter(name, exception);
      this.#touch(exception.node);
    }
  }

  #enter(name: string, { node, count }: Exception): void {
    const pods = this.#byNode.get(node) ?? new Map<string, number>();
    this.#byNode.set(node, pods.set(name, count));
  }

  #touch(node: string): void {
    this.#changes.set(node, (this.#changes.get(node) ?? 0) + 1);
  }
}

/** A pod's name, and what it asks for where that is no matter of course; one with its host's network has no address. */
function read({ metadata, spec }: V1Pod): { name: string; exception: Exception | null } {
  const name = `${metadata?.namespace}/${metadata?.name}`;
  if (spec === undefined || spec.nodeName === undefined || spec.hostNetwork === true) {
    return { name, exception: null };
  }
  const count = addressesAskedBy(spec);
  return { name, exception: count === 1 ? null : { node: spec.nodeName, count } };
}
