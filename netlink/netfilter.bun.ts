import { Exchange } from './exchange.ts';
import { netfilterTypes } from './message/message.ts';
import {
  batchBegin,
  batchEnd,
  decodeRuleComment,
  deleteTable,
  listTableRules,
  type NatTable,
  replaceTable,
} from './message/nft-table.ts';
import { openSocket } from './open-socket.bun.ts';
import { protocols } from './socket.bun.ts';

/** The tables of nftables of a network namespace. */
export class Netfilter {
  readonly #exchange: Exchange;

  private constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** Of the namespace that this thread is in now. @throws NetlinkError EPROTONOSUPPORT without netfilter */
  static open(): Netfilter {
    return new Netfilter(new Exchange(openSocket(protocols.netfilter, netfilterTypes)));
  }

  /** The comments of a chain's rules in order; none when there is no such chain. @throws NetlinkError */
  comments(table: Pick<NatTable, 'name' | 'chain'>): (string | undefined)[] {
    return this.#exchange
      .dump(`list the rules of the table ${table.name}`, listTableRules(table))
      .map((message) => decodeRuleComment(message.body));
  }

  /**
   * Makes a table, in the place of the one of its name if there is one, in one transaction: no packet meets it half
   * made, and of several processes that do it at once the last one's stays.
   *
   * @throws NetlinkError EOPNOTSUPP or ENOENT when the kernel lacks nftables or its NAT
   */
  replace(table: NatTable): void {
    this.#exchange.batch(`make the table ${table.name}`, batchBegin, replaceTable(table), batchEnd);
  }

  /** Takes a table away that is there. @throws NetlinkError ENOENT when there is none */
  drop({ name }: Pick<NatTable, 'name'>): void {
    this.#exchange.batch(`delete the table ${name}`, batchBegin, [deleteTable(name)], batchEnd);
  }

  /** Reports a table that the kernel would not make, as `replace` does, and makes none. @throws NetlinkError */
  check(table: NatTable): void {
    this.#exchange.batch(`make the table ${table.name}`, batchBegin, replaceTable(table));
  }

  close(): void {
    this.#exchange.close();
  }
}
