import type { AllocationRecord } from './record.ts';

/** Holes are closed once there are more of them than allocations, and than this. */
const holesBound = 1024;

/** All allocations in the order of their generations. New ones come at the end; one that goes leaves a hole. */
export class InOrder {
  #records: (AllocationRecord | undefined)[] = [];
  #generations: number[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(record: AllocationRecord): void {
    const last = this.#generations.at(-1) ?? 0;
    if (record.generation >= last) {
      this.#records.push(record);
      this.#generations.push(record.generation);
    } else {
      const at = this.#firstAfter(record.generation);
      this.#records.splice(at, 0, record);
      this.#generations.splice(at, 0, record.generation);
    }
    this.#size++;
  }

  remove(record: AllocationRecord): void {
    for (
      let at = this.#firstAfter(record.generation) - 1;
      this.#generations[at] === record.generation;
      at--
    ) {
      if (this.#records[at] === record) {
        this.#records[at] = undefined;
        this.#size--;
        this.#closeHoles();
        return;
      }
    }
  }

  /** Those of a higher generation. */
  *after(generation: number): Iterable<AllocationRecord> {
    for (let at = this.#firstAfter(generation); at < this.#records.length; at++) {
      const record = this.#records[at];
      if (record !== undefined) {
        yield record;
      }
    }
  }

  #closeHoles(): void {
    const holes = this.#records.length - this.#size;
    if (holes > this.#size && holes > holesBound) {
      const kept = this.#records.filter((record) => record !== undefined);
      this.#records = kept;
      this.#generations = kept.map((record) => record.generation);
    }
  }

  /** The place behind all that have this generation or a lower one. */
  #firstAfter(generation: number): number {
    let low = 0;
    let high = this.#generations.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#generations[middle] ?? 0) <= generation) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
