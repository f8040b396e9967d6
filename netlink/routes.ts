import type { Family, Ip } from '../core/address/ip.ts';
import type { Exchange } from './exchange.ts';
import { linkIndex, linkWords } from './message/link-reference.ts';
import type { Message } from './message/message.ts';
import { isErrno } from './message/netlink-error.ts';
import { decodeRoute, type Route, tables } from './message/route.ts';
import {
  addRoute,
  deleteRoute,
  listRoutes,
  matchRoute,
  type NewRoute,
  type RouteFilter,
  replaceRoute,
} from './message/route-request.ts';

/** The routes of the namespace, of all tables. */
export class Routes {
  readonly #exchange: Exchange;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  list(filter: RouteFilter = {}): Route[] {
    const { table, link, protocol } = filter;
    return this.#dump(filter)
      .map((message) => decodeRoute(message.body))
      .filter((route) => route !== undefined)
      .filter((route) => table === undefined || route.table === table)
      .filter((route) => link === undefined || route.index === linkIndex(link))
      .filter((route) => protocol === undefined || route.protocol === protocol);
  }

  /** A namespace that has had no route yet has no tables: asked for one of them, the kernel says ENOENT. */
  #dump(filter: RouteFilter): readonly Message[] {
    try {
      return this.#exchange.dump('list routes', listRoutes(filter));
    } catch (error) {
      if (filter.table !== undefined && isErrno(error, 'ENOENT')) {
        return [];
      }
      throw error;
    }
  }

  /** The default route of the main table with the lowest priority, if there is one. */
  findDefault(family: Family): Route | undefined {
    return this.list({ family, table: tables.main })
      .filter((route) => route.destination.bits === 0 && route.kind === 'unicast')
      .toSorted((a, b) => a.priority - b.priority)[0];
  }

  /** The route that leads to an address, of whichever table; undefined when the kernel knows none. */
  match(ip: Ip): Route | undefined {
    try {
      const [answer] = this.#exchange.run(`find the route to ${ip}`, matchRoute(ip));
      return answer && decodeRoute(answer.body);
    } catch (error) {
      // One that is blackhole, prohibit or unreachable is answered like none at all.
      if (isErrno(error, 'ENETUNREACH', 'EHOSTUNREACH', 'EINVAL', 'EACCES')) {
        return undefined;
      }
      throw error;
    }
  }

  /** @throws NetlinkError EEXIST; ENETUNREACH or EINVAL when the gateway is not on a link */
  add(route: NewRoute): void {
    this.#exchange.run(`add ${routeWords(route)}`, addRoute(route));
  }

  /** Adds the route, or puts it in the place of the one with its destination, table and priority. */
  replace(route: NewRoute): void {
    this.#exchange.run(`set ${routeWords(route)}`, replaceRoute(route));
  }

  /** Deletes the first route that matches all that is given. @throws NetlinkError ESRCH when none does */
  delete(route: NewRoute): void {
    this.#exchange.run(`delete ${routeWords(route)}`, deleteRoute(route));
  }
}

function routeWords({ destination, gateway, link }: NewRoute): string {
  const via = gateway === undefined ? '' : ` via ${gateway}`;
  const by = link === undefined ? '' : ` by ${linkWords(link)}`;
  return `route ${destination}${via}${by}`;
}
