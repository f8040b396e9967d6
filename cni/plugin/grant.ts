import { Problem } from '../../core/problem/problem.ts';
import type { NetnsPlace } from '../node/node.ts';
import type { Claim } from '../probe/claim.ts';
import { type Doors, releaseOrNote } from './doors.ts';
import type { Allocation, Attachment, Wish } from './ipam/ipam.ts';

/** What one ADD is given by its IPAM, and gives back when it fails. */
export class Grant {
  readonly #doors: Doors;
  readonly #attachment: Attachment;
  readonly #wish: Wish;
  readonly #netns: NetnsPlace | undefined;
  #held: Allocation | undefined;
  #created = false;

  /** @param netns where the addresses are going to be used */
  constructor(doors: Doors, attachment: Attachment, wish: Wish, netns?: NetnsPlace) {
    this.#doors = doors;
    this.#attachment = attachment;
    this.#wish = wish;
    this.#netns = netns;
  }

  /** @throws Problem as `Ipam.allocate` */
  async ask(): Promise<Allocation> {
    const { ipam } = this.#doors;
    const { allocation, created } = await ipam.allocate(this.#attachment, this.#wish, this.#netns);
    this.#held = allocation;
    this.#created ||= created;
    return allocation;
  }

  /**
   * Tells of all claims.
   *
   * @returns whether `ask` gives others from now on
   * @throws Problem WANTED_ADDRESS_TAKEN where the runtime wants just these; as `Ipam.reportConflict`
   */
  async report(claims: readonly Claim[]): Promise<boolean> {
    let givesOthers = true;
    for (const { ip, mac } of claims) {
      givesOthers = (await this.#doors.ipam.reportConflict(this.#attachment, ip, mac)) && givesOthers;
    }
    const wanted = claims.filter(({ ip }) => this.#wish.addresses?.some((each) => each.equals(ip)));
    if (wanted.length > 0) {
      throw new Problem('WANTED_ADDRESS_TAKEN', `${inWords(wanted)}, and no other address was asked for`);
    }
    return givesOthers;
  }

  /**
   * Releases what this very call was given. Not what the attachment had before; nor when the interface turned out to
   * exist, for then a second ADD of the same attachment lives on it with the same record.
   */
  async giveBack(error: unknown): Promise<void> {
    const isTwin = error instanceof Problem && error.code === 'INTERFACE_EXISTS';
    if (this.#held !== undefined && this.#created && !isTwin) {
      await releaseOrNote(this.#doors, this.#attachment, this.#held.generation);
    }
  }
}

/** `10.9.1.8 is used by 52:54:00:12:34:56`. */
export function inWords(claims: readonly Claim[]): string {
  return claims.map(({ ip, mac }) => `${ip} is used by ${mac}`).join(', ');
}
