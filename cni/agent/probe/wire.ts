import type { Ip } from '../../../core/address/ip.ts';
import type { Claim } from '../../probe/claim.ts';

/** The network by one interface of the node: `LanWire` is the real one. */
export interface Wire {
  /**
   * Looks at the interface.
   *
   * @returns undefined while it is down or without carrier; otherwise a word for its present life: another one since
   *   its carrier was lost, or it was made anew
   * @throws Problem MASTER_MISSING
   */
  look(): string | undefined;

  /** Who has the address as far as the node itself knows: it hears none of its own questions. */
  knownHere(ip: Ip): Claim | undefined;

  /** From now on it hears of these addresses, and of no others. */
  listen(ips: readonly Ip[]): void;

  /** How many frames a question is at most. */
  costOf(ip: Ip): number;

  /** @param asksPods whether the pods on this node are asked too, which takes a frame more */
  ask(ip: Ip, asksPods: boolean): void;

  /** What was claimed since the last call. */
  heard(): Claim[];

  /** Lets its sockets go until it is asked the next time. */
  rest(): void;
}
