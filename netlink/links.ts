import type { Exchange } from './exchange.ts';
import { errno } from './message/errno.ts';
import { decodeLink, type Link } from './message/link.ts';
import { type LinkReference, linkWords } from './message/link-reference.ts';
import {
  changeLink,
  createLink,
  deleteLink,
  getLink,
  type LinkChange,
  listLinks,
  type NewLink,
} from './message/link-request.ts';
import { isErrno, NetlinkError } from './message/netlink-error.ts';

/** The links of the namespace that the socket was opened in. */
export class Links {
  readonly #exchange: Exchange;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  list(): Link[] {
    return this.#exchange.dump('list links', listLinks()).map((message) => decodeLink(message.body));
  }

  /** @throws NetlinkError ENODEV when there is none */
  get(which: number | string): Link {
    const operation = `find link ${which}`;
    const [answer] = this.#exchange.run(operation, getLink(which));
    if (answer === undefined) {
      throw new NetlinkError(operation, errno.ENODEV);
    }
    return decodeLink(answer.body);
  }

  /** As `get`, but undefined when there is none. */
  find(which: number | string): Link | undefined {
    try {
      return this.get(which);
    } catch (error) {
      if (isErrno(error, 'ENODEV')) {
        return undefined;
      }
      throw error;
    }
  }

  /**
   * Makes a link, in another namespace if `netns` is given. Its index is the kernel's choice: ask for it by name.
   *
   * @throws NetlinkError EEXIST (name taken), EINVAL (MTU above the parent's), EBUSY (parent in a bridge),
   *   EADDRNOTAVAIL (MAC not unicast), EOPNOTSUPP (the kernel lacks the kind)
   */
  create(link: NewLink): void {
    const parent = 'parent' in link ? ` on ${linkWords(link.parent)}` : '';
    this.#exchange.run(`create ${link.kind} ${link.name}${parent}`, createLink(link));
  }

  /** @throws NetlinkError EADDRINUSE when a macvlan goes up with a MAC that its port has already */
  change(link: LinkReference, change: LinkChange): void {
    this.#exchange.run(`change ${changeWords(change)} of ${linkWords(link)}`, changeLink(link, change));
  }

  /** The link is gone after about a millisecond, but the kernel answers only after some fifteen. */
  delete(link: LinkReference): void {
    this.#exchange.run(`delete ${linkWords(link)}`, deleteLink(link));
  }
}

/** `up true, mtu 1400`: what is to be different, for the error. */
function changeWords(change: LinkChange): string {
  return Object.entries(change)
    .filter(([, value]) => value !== undefined)
    .map(([field, value]) => (typeof value === 'object' && field !== 'mac' ? field : `${field} ${value}`))
    .join(', ');
}
