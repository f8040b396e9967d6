import type { V1Node } from '@kubernetes/client-node';
import { type NodeObject, nodeObjectOf } from '../capacity/node-object.ts';

/** The Nodes of the cluster by name, with what of them matters here. */
export class NodeObjects {
  #all = new Map<string, NodeObject>();
  /** A list that is not complete yet. */
  #listed: Map<string, NodeObject> | null = null;

  get all(): ReadonlyMap<string, NodeObject> {
    return this.#all;
  }

  begin(): void {
    this.#listed = new Map();
  }

  put(node: V1Node): void {
    (this.#listed ?? this.#all).set(node.metadata?.name ?? '', nodeObjectOf(node));
  }

  end(): void {
    this.#all = this.#listed ?? new Map();
    this.#listed = null;
  }

  remove(node: V1Node): void {
    this.#all.delete(node.metadata?.name ?? '');
  }
}
