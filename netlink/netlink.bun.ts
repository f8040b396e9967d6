import { Addresses } from './addresses.ts';
import { Exchange } from './exchange.ts';
import { Links } from './links.ts';
import { Neighbours } from './neighbours.ts';
import { NetnsIds } from './netns-ids.ts';
import { openSocket } from './open-socket.bun.ts';
import { Routes } from './routes.ts';
import { Rules } from './rules.ts';
import { protocols } from './socket.bun.ts';

/**
 * A network namespace's links, addresses, routes, rules and neighbours.
 *
 * @example
 * const host = Netlink.open();
 * const pod = within(netns, () => Netlink.open());
 * const parent = host.links.get('uplink');
 * host.links.create({ kind: 'macvlan', mode: 'bridge', name: 'eth0', parent, netns });
 * const eth0 = pod.links.get('eth0');
 */
export class Netlink {
  readonly links: Links;
  readonly addresses: Addresses;
  readonly routes: Routes;
  readonly rules: Rules;
  readonly neighbours: Neighbours;
  readonly netnsIds: NetnsIds;
  readonly #exchange: Exchange;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
    this.links = new Links(exchange);
    this.addresses = new Addresses(exchange);
    this.routes = new Routes(exchange);
    this.rules = new Rules(exchange);
    this.neighbours = new Neighbours(exchange);
    this.netnsIds = new NetnsIds(exchange);
  }

  /** Of the namespace that this thread is in now; it stays with that one. */
  static open(): Netlink {
    return new Netlink(new Exchange(openSocket(protocols.route)));
  }

  close(): void {
    this.#exchange.close();
  }
}
