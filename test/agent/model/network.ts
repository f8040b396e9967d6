import type { Watched } from '../../../cni/agent/doors.ts';
import type { AgentState } from '../../../cni/agent/state/agent-state.ts';
import { Ip } from '../../../core/address/ip.ts';
import { Mac } from '../../../core/address/mac.ts';

const rogueMac = Mac.parse('02:00:00:00:00:66');

/**
 * What the agent hears of other hosts: of rogue ones, and nothing of other nodes' pods. So nothing but agent and ledger
 * keeps an address from two pods.
 */
export class Network {
  readonly #rogues = new Set<string>();

  /** All probes that are due; the addresses that nobody has. */
  probe(state: AgentState, now: number): string[] {
    return state.toProbe(now).flatMap(({ ip }) => {
      const isRogue = this.#rogues.has(ip.toString());
      state.probed(ip, isRogue ? { ip, mac: rogueMac } : undefined, now);
      return isRogue ? [] : [ip.toString()];
    });
  }

  recheck(state: AgentState, now: number): void {
    const ips = state.toRecheck(now);
    const claims = ips.filter((ip) => this.#rogues.has(ip.toString())).map((ip) => ({ ip, mac: rogueMac }));
    state.rechecked(ips, claims, now);
  }

  /** A host takes an address, or leaves it; what it is to the node. */
  rogue(address: string, isGone: boolean, state: AgentState, now: number): Watched | undefined {
    if (isGone) {
      this.#rogues.delete(address);
      return undefined;
    }
    this.#rogues.add(address);
    return state.claimed(Ip.parse(address), rogueMac, now);
  }

  /** Every rogue leaves. */
  clear(): void {
    this.#rogues.clear();
  }
}
