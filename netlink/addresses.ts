import type { Family } from '../core/address/ip.ts';
import type { Prefix } from '../core/address/prefix.ts';
import type { Exchange } from './exchange.ts';
import {
  type Address,
  addAddress,
  decodeAddress,
  deleteAddress,
  listAddresses,
  type NewAddress,
  replaceAddress,
} from './message/address.ts';
import { type LinkReference, linkIndex, linkWords } from './message/link-reference.ts';

/** The addresses of links. */
export class Addresses {
  readonly #exchange: Exchange;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  list(filter: { readonly link?: LinkReference; readonly family?: Family } = {}): Address[] {
    const { link, family } = filter;
    return this.#exchange
      .dump('list addresses', listAddresses(link, family))
      .map((message) => decodeAddress(message.body))
      .filter((address) => address !== undefined)
      .filter((address) => link === undefined || address.index === linkIndex(link))
      .filter((address) => family === undefined || address.prefix.family === family);
  }

  /** @throws NetlinkError EEXIST when the link has it */
  add(address: NewAddress): void {
    this.#exchange.run(`add address ${address.prefix} to ${linkWords(address.link)}`, addAddress(address));
  }

  /** Adds the address; succeeds also when the link has it, and changes its flags then if it is IPv6. */
  replace(address: NewAddress): void {
    this.#exchange.run(
      `set address ${address.prefix} on ${linkWords(address.link)}`,
      replaceAddress(address),
    );
  }

  /** @throws NetlinkError EADDRNOTAVAIL when the link has it not */
  delete(link: LinkReference, prefix: Prefix): void {
    this.#exchange.run(`delete address ${prefix} of ${linkWords(link)}`, deleteAddress(link, prefix));
  }
}
