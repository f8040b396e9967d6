import { Addresses } from './addresses.ts';
import { writeAll } from './descriptor.bun.ts';
import { Exchange } from './exchange.ts';
import { Links } from './links.ts';
import { Neighbours } from './neighbours.ts';
import { NetnsIds } from './netns-ids.ts';
import { Routes } from './routes.ts';
import { Rules } from './rules.ts';
import { KernelSocket } from './socket.bun.ts';
import type { Socket } from './socket.ts';
import { TracedSocket } from './traced-socket.ts';

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
    return new Netlink(new Exchange(openSocket()));
  }

  close(): void {
    this.#exchange.close();
  }
}

/** REALIP_NETLINK_DEBUG=1 shows each message on stderr (stdout belongs to the CNI result). */
function openSocket(): Socket {
  const socket = KernelSocket.open(timeout);
  const isTraced = process.env['REALIP_NETLINK_DEBUG'] === '1';
  return isTraced
    ? new TracedSocket(socket, (line) => writeAll(2, new TextEncoder().encode(`${line}\n`)))
    : socket;
}
