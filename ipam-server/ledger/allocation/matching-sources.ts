import type { Pod } from '../../../schema/allocation.ts';
import { mismatch } from './pod-match.ts';
import type { Source } from './source.ts';

interface Placed {
  readonly source: Source;
  readonly place: number;
}

/**
 * Ranges that ask which pod they serve, in the order of their use. Those that name their namespaces in full are
 * found by them, so that a range for each of a thousand namespaces costs a pod nothing.
 */
export class MatchingSources {
  readonly #byNamespace = new Map<string, Placed[]>();
  readonly #others: Placed[] = [];
  readonly all: readonly Source[];

  constructor(sources: readonly Source[]) {
    this.all = sources;
    for (const [place, source] of sources.entries()) {
      const { namespaces = [] } = source.pool.spec.match ?? {};
      const isNamed = namespaces.length > 0 && !namespaces.some((pattern) => pattern.includes('*'));
      if (!isNamed) {
        this.#others.push({ source, place });
      }
      for (const namespace of isNamed ? new Set(namespaces) : []) {
        this.#byNamespace.set(namespace, [...(this.#byNamespace.get(namespace) ?? []), { source, place }]);
      }
    }
  }

  /** Those that serve a pod; none serves an attachment without one. */
  of(pod: Pod | undefined): readonly Source[] {
    if (pod === undefined || this.all.length === 0) {
      return [];
    }
    return [...(this.#byNamespace.get(pod.namespace) ?? []), ...this.#others]
      .filter(({ source: { pool } }) => mismatch(pool.spec.match ?? {}, pod) === null)
      .sort((a, b) => a.place - b.place)
      .map(({ source }) => source);
  }
}
