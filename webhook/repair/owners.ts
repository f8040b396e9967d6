import type { Misplaced } from './census.ts';
import type { StoredPod } from './stored-pod.ts';

/** Why no pod of an owner is evicted now. */
export type OwnerWait = 'recovering' | 'no-replacement' | 'comes-back';

interface Evicted {
  /** The owner's pods at that time: one that is not among them is the replacement. */
  readonly among: ReadonlySet<string>;
}

/**
 * One pod of an owner at a time: the next only once the last one's replacement is there, in its place and ready. If a
 * replacement is misplaced as well, evicting more of them would go on for ever.
 */
export class Owners {
  readonly #evicted = new Map<string, Evicted>();

  /** @param pods of the owner, the evicted one among them */
  evicted(owner: string, pods: readonly StoredPod[]): void {
    this.#evicted.set(owner, { among: new Set(pods.map(({ uid }) => uid)) });
  }

  /**
   * @param pods of the owner
   * @param isMisplaced tells of one of them
   */
  waitOf(
    owner: string,
    pods: readonly StoredPod[],
    isMisplaced: (pod: StoredPod) => Misplaced | undefined,
  ): OwnerWait | null {
    const last = this.#evicted.get(owner);
    if (last !== undefined) {
      const since = pods.filter(({ uid }) => !last.among.has(uid));
      if (since.length === 0) {
        return 'no-replacement';
      }
      if (since.some((pod) => isMisplaced(pod)?.finding.flaws.some((flaw) => flaw !== 'outdated'))) {
        return 'comes-back';
      }
    }
    const isRecovering = pods.some((pod) => !pod.isEnding && !pod.isReady && isMisplaced(pod) === undefined);
    return isRecovering ? 'recovering' : null;
  }

  /** By a new policy, what came back misplaced may come back right. */
  forget(): void {
    this.#evicted.clear();
  }
}
