interface Deadline {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Things by name that end at a time; which of them ends first is known at once. */
export class Deadlines {
  readonly #at = new Map<string, number>();
  /** A binary heap; what was changed meanwhile is still in it, and is dropped when it comes up. */
  #heap: Deadline[] = [];

  /** Sets when a thing ends; undefined where it does not, or is no more. */
  set(name: string, at: number | undefined): void {
    if (this.#at.get(name) === at) {
      return;
    }
    if (at === undefined) {
      this.#at.delete(name);
      return;
    }
    this.#at.set(name, at);
    this.#push({ name, at });
    if (this.#heap.length > 2 * this.#at.size + 64) {
      this.#heap = Array.from(this.#at, ([each, end]) => ({ name: each, at: end })).sort(
        (a, b) => a.at - b.at,
      );
    }
  }

  /** The one that ends first. */
  get first(): Deadline | undefined {
    for (;;) {
      const top = this.#heap[0];
      if (top === undefined || this.#at.get(top.name) === top.at) {
        return top;
      }
      this.#pop();
    }
  }

  #push(deadline: Deadline): void {
    const heap = this.#heap;
    let place = heap.length;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || parent.at <= deadline.at) {
        break;
      }
      heap[place] = parent;
      place = above;
    }
    heap[place] = deadline;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) {
      return;
    }
    let place = 0;
    for (;;) {
      const left = 2 * place + 1;
      const below =
        (heap[left + 1]?.at ?? Number.POSITIVE_INFINITY) < (heap[left]?.at ?? 0) ? left + 1 : left;
      const child = heap[below];
      if (child === undefined || child.at >= last.at) {
        break;
      }
      heap[place] = child;
      place = below;
    }
    heap[place] = last;
  }
}
