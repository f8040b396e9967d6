import type { Ip } from '../../../core/address/ip.ts';
import type { Claim } from '../../probe/claim.ts';

/** Milliseconds to listen after the last question: who has the address and is awake answers within one. */
export const listening = 200;

/** One question for each of some addresses, and what came of it. */
export class Recheck {
  readonly ips: readonly Ip[];
  readonly #unasked: Ip[];
  readonly #claims = new Map<string, Claim | undefined>();
  readonly #done: (claims: readonly Claim[]) => void;
  readonly #failed: (reason: unknown) => void;
  #until = Number.POSITIVE_INFINITY;

  constructor(
    ips: readonly Ip[],
    done: (claims: readonly Claim[]) => void,
    failed: (reason: unknown) => void,
  ) {
    this.ips = ips;
    this.#unasked = [...ips];
    for (const ip of ips) {
      this.#claims.set(ip.toString(), undefined);
    }
    this.#done = done;
    this.#failed = failed;
  }

  /** The next address to ask for. */
  get next(): Ip | undefined {
    return this.#unasked[0];
  }

  /** The next one was asked for. */
  asked(now: number): void {
    this.#unasked.shift();
    this.#until = this.#unasked.length === 0 ? now + listening : this.#until;
  }

  heard(claim: Claim): void {
    const address = claim.ip.toString();
    if (this.#claims.has(address)) {
      this.#claims.set(address, this.#claims.get(address) ?? claim);
    }
  }

  isOver(now: number): boolean {
    return now >= this.#until;
  }

  /** Nothing more is heard after this time. */
  get until(): number {
    return this.#until;
  }

  settle(): void {
    this.#done([...this.#claims.values()].filter((claim) => claim !== undefined));
  }

  fail(reason: unknown): void {
    this.#failed(reason);
  }
}
