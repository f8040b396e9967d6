import type { Family } from '../core/address/ip.ts';
import type { Exchange } from './exchange.ts';
import { type LinkReference, linkIndex, linkWords } from './message/link-reference.ts';
import {
  addNeighbour,
  decodeNeighbour,
  deleteNeighbour,
  listNeighbours,
  type Neighbour,
  type NeighbourKey,
  type NewNeighbour,
  replaceNeighbour,
} from './message/neighbour.ts';

export interface NeighbourFilter {
  readonly link?: LinkReference;
  readonly family?: Family;
  /** The entries that this host answers for, in place of those with MACs. */
  readonly proxy?: boolean;
}

/** The neighbour tables (ARP and NDP). */
export class Neighbours {
  readonly #exchange: Exchange;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  list(filter: NeighbourFilter = {}): Neighbour[] {
    const { link, family, proxy = false } = filter;
    return this.#exchange
      .dump('list neighbours', listNeighbours(link, family, proxy))
      .map((message) => decodeNeighbour(message.body))
      .filter((entry) => entry !== undefined)
      .filter((entry) => link === undefined || entry.index === linkIndex(link));
  }

  /** @throws NetlinkError EEXIST when there is an entry (proxy entries may be added again) */
  add(entry: NewNeighbour): void {
    this.#exchange.run(`add ${entryWords(entry)}`, addNeighbour(entry));
  }

  /** Adds the entry, or changes the one that is there. */
  replace(entry: NewNeighbour): void {
    this.#exchange.run(`set ${entryWords(entry)}`, replaceNeighbour(entry));
  }

  /** @throws NetlinkError ENOENT when there is none */
  delete(key: NeighbourKey): void {
    this.#exchange.run(`delete ${entryWords(key)}`, deleteNeighbour(key));
  }
}

function entryWords({ link, ip, proxy }: NeighbourKey): string {
  return `${proxy ? 'proxy neighbour' : 'neighbour'} ${ip} on ${linkWords(link)}`;
}
