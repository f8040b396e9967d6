import type { Family } from '../core/address/ip.ts';
import type { Exchange } from './exchange.ts';
import { addRule, decodeRule, deleteRule, listRules, type NewRule, type Rule } from './message/rule.ts';

/** The rules that choose routing tables. */
export class Rules {
  readonly #exchange: Exchange;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  list(family?: Family): Rule[] {
    return this.#exchange
      .dump('list rules', listRules(family))
      .map((message) => decodeRule(message.body))
      .filter((rule) => rule !== undefined);
  }

  /** @throws NetlinkError EEXIST when there is just this rule */
  add(rule: NewRule): void {
    this.#exchange.run(`add ${ruleWords(rule)}`, addRule(rule));
  }

  /** @throws NetlinkError ENOENT when there is none */
  delete(rule: NewRule): void {
    this.#exchange.run(`delete ${ruleWords(rule)}`, deleteRule(rule));
  }
}

function ruleWords({ family, priority, table }: NewRule): string {
  return `${family} rule ${priority} for table ${table}`;
}
