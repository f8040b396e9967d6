import type { Exchange } from './exchange.ts';
import { decodeNetnsId, getNetnsId } from './message/netns-id.ts';

/** The numbers by which one namespace knows others: a link's `parentNetnsId` is one of them. */
export class NetnsIds {
  readonly #exchange: Exchange;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** The id of another namespace here; undefined when it has none, and so nothing here leads there. */
  find(netns: { readonly fd: number; readonly path: string }): number | undefined {
    const [answer] = this.#exchange.run(`ask for the id of ${netns.path}`, getNetnsId(netns.fd));
    return answer && decodeNetnsId(answer.body);
  }
}
