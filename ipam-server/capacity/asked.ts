/** How many addresses pods ask the scheduler for. Most ask for one; this knows the others. */
export interface Asked {
  /** Those pods of a node that ask for none or for several, by `namespace/name`. */
  on(node: string): Iterable<readonly [pod: string, count: number]>;
  /** Grows with each change of that. */
  changesOn(node: string): number;
}
