import { window } from './marks.ts';

/** Milliseconds for which a request counts as waiting, since it was last tried. */
const patience = 10_000;

/** What was asked of the reserve lately: who waits for an address, how many were given. */
export class Requests {
  /** By attachment: of which subnets one each is lacking. */
  readonly #waiting = new Map<string, { readonly subnets: readonly string[]; readonly at: number }>();
  #taken: { readonly subnet: string; readonly at: number }[] = [];

  /** @param at steady milliseconds */
  wait(name: string, subnets: readonly string[], at: number): void {
    this.#waiting.delete(name);
    this.#waiting.set(name, { subnets, at });
  }

  waitsNoMore(name: string): void {
    this.#waiting.delete(name);
  }

  taken(subnet: string, at: number): void {
    this.#taken.push({ subnet, at });
  }

  /** How many were given of a subnet within the window. */
  takenOf(subnet: string, now: number): number {
    this.#taken = this.#taken.filter(({ at }) => now - at < window);
    return this.#taken.filter((each) => each.subnet === subnet).length;
  }

  /** Forgets whoever has stopped trying. */
  forget(now: number): void {
    for (const [name, { at }] of this.#waiting) {
      if (now - at >= patience) {
        this.#waiting.delete(name);
      }
    }
  }

  waitingFor(subnet: string): number {
    let count = 0;
    for (const { subnets } of this.#waiting.values()) {
      count += subnets.includes(subnet) ? 1 : 0;
    }
    return count;
  }
}
