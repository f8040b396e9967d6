/** Counts, for each node, the changes of what it holds: what was derived from that stays right while the count does. */
export class Touches {
  readonly #byNode = new Map<string, { count: number }>();

  add(node: string): void {
    const touched = this.#byNode.get(node);
    if (touched === undefined) {
      this.#byNode.set(node, { count: 1 });
    } else {
      touched.count++;
    }
  }

  of(node: string): number {
    return this.#byNode.get(node)?.count ?? 0;
  }
}
