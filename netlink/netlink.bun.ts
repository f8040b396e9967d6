import { Addresses } from './addresses.ts';
import { Exchange } from './exchange.ts';
import { Links } from './links.ts';
import { Neighbours } from './neighbours.ts';
import { Routes } from './routes.ts';
import { Rules } from './rules.ts';
import { KernelSocket } from './socket.bun.ts';

/** The kernel does a request before it answers, so that this is only met when something is badly wrong. */
const timeout = 10_000;

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
  readonly #exchange: Exchange;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
    this.links = new Links(exchange);
    this.addresses = new Addresses(exchange);
    this.routes = new Routes(exchange);
    this.rules = new Rules(exchange);
    this.neighbours = new Neighbours(exchange);
  }

  /** Of the namespace that this thread is in now; it stays with that one. */
  static open(): Netlink {
    return new Netlink(new Exchange(KernelSocket.open(timeout)));
  }

  close(): void {
    this.#exchange.close();
  }
}
