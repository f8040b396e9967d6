import { reasonOf } from '../../core/problem/problem.ts';

/** What was done so far, so that a failure half-way takes it back, last first. */
export class Undo {
  readonly #steps: { readonly what: string; readonly act: () => void }[] = [];

  /** @param what in words that follow "could not", such as "delete the pod's interface" */
  push(what: string, act: () => void): void {
    this.#steps.push({ what, act });
  }

  /** Takes everything back; a step that fails is told and keeps none of the others from being done. */
  run(warn: (message: string) => void): void {
    for (const { what, act } of this.#steps.splice(0).reverse()) {
      try {
        act();
      } catch (error) {
        warn(`could not ${what} after a failure: ${reasonOf(error)}`);
      }
    }
  }
}
