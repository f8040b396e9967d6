import type { Ledger } from '../../cluster/ledger.ts';
import { until } from '../../server/until.ts';

interface LedgerEvent {
  readonly id: number;
  readonly time: string;
  readonly pod?: { readonly namespace: string; readonly name: string };
}

/** When the ledger got addresses back, by its own events: its clock is this machine's. */
export class LedgerEnds {
  readonly #ledger: Ledger;
  #known = 0;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /**
   * Waits until the addresses of pods are given back.
   *
   * @param names of pods of that namespace, each but once in this object's life
   * @returns milliseconds of this process's clock, in their order
   */
  async of(namespace: string, names: readonly string[]): Promise<readonly number[]> {
    const ends = new Map<string, number>();
    await until(
      'the ledger has all addresses back',
      async () => {
        for (const { id, time, pod } of await this.#released()) {
          this.#known = Math.max(this.#known, id);
          if (pod?.namespace === namespace) {
            ends.set(pod.name, Date.parse(time) - performance.timeOrigin);
          }
        }
        return names.every((name) => ends.has(name));
      },
      120_000,
    );
    return names.map((name) => ends.get(name) ?? 0);
  }

  async #released(): Promise<readonly LedgerEvent[]> {
    const found: LedgerEvent[] = [];
    let cursor = '';
    do {
      const path = `/v1/events?type=released&since=${this.#known}&limit=1000${cursor}`;
      const { items, cursor: next } = await this.#ledger.must('GET', path);
      found.push(...items);
      cursor = next === undefined ? '' : `&cursor=${next}`;
    } while (cursor !== '');
    return found;
  }
}
