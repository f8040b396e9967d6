/** A pod's interface on a parent, as far as its MTU goes. */
export interface Sized {
  /** Tells it from all others, for as long as it lives. */
  readonly id: string;
  readonly parentIndex: number;
  readonly mtu: number;
  /** What the configuration of its network says; undefined: the parent's. */
  readonly configured: number | undefined;
}

/** An interface and the MTU that it shall have again. */
export interface Restoration {
  readonly id: string;
  readonly mtu: number;
}

/**
 * Remembers which MTU pods had before their parent's was lowered: the kernel lowers theirs along with it, and leaves
 * them so when the parent's is raised again (drivers/net/macvlan.c).
 */
export class MtuKeeper {
  /** The MTU of each parent when it was last looked at. */
  readonly #parents = new Map<number, number>();
  /** By interface: the MTU before it was lowered by its parent. */
  readonly #before = new Map<string, number>();
  #last = new Map<string, number>();

  /** Reports whether a parent's MTU is another one than at the last look: then the pods' are to be looked at anew. */
  hasChanged(parents: ReadonlyMap<number, number>): boolean {
    return [...parents].some(([index, mtu]) => (this.#parents.get(index) ?? mtu) !== mtu);
  }

  /**
   * @param links as they are now, after all changes of `parents`
   * @param parents their parents' MTUs now, by index
   * @returns which are to have another MTU
   */
  observe(links: readonly Sized[], parents: ReadonlyMap<number, number>): Restoration[] {
    const restorations = links.flatMap((link) => this.#judge(link, parents.get(link.parentIndex)));
    for (const [index, mtu] of parents) {
      this.#parents.set(index, mtu);
    }
    this.#last = new Map(links.map(({ id, mtu }) => [id, mtu]));
    for (const id of this.#before.keys()) {
      if (!this.#last.has(id)) {
        this.#before.delete(id);
      }
    }
    return restorations;
  }

  /** The interfaces that are smaller than they were, because of their parent. */
  get lowered(): number {
    return this.#before.size;
  }

  /** An interface has another MTU by now; what the next look tells of it may be older. */
  restored({ id, mtu }: Restoration): void {
    this.#last.set(id, mtu);
    if (mtu >= (this.#before.get(id) ?? 0)) {
      this.#before.delete(id);
    }
  }

  #judge({ id, parentIndex, mtu, configured }: Sized, parent: number | undefined): Restoration[] {
    const last = this.#last.get(id);
    const parentLast = this.#parents.get(parentIndex);
    if (parent === undefined) {
      return [];
    }
    // Lowered together with its parent, not by somebody who wants it so.
    if (
      last !== undefined &&
      mtu < last &&
      parentLast !== undefined &&
      parent < parentLast &&
      mtu === parent
    ) {
      this.#before.set(id, Math.max(last, this.#before.get(id) ?? 0));
    }
    // Lowered before this agent began.
    if (parentLast !== undefined && parent > parentLast && mtu === parentLast && !this.#before.has(id)) {
      this.#before.set(id, configured ?? parent);
    }
    const wanted = this.#before.get(id) ?? mtu;
    if (mtu >= wanted) {
      this.#before.delete(id);
    }
    const target = Math.min(wanted, parent);
    return target > mtu ? [{ id, mtu: target }] : [];
  }
}
