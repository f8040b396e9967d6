import type { Ip } from '../../core/address/ip.ts';
import { Problem } from '../../core/problem/problem.ts';
import { KernelNode } from '../node/kernel-node.bun.ts';
import type { Claim } from '../probe/claim.ts';
import { probeBy } from '../probe/prober.bun.ts';
import type { Prober } from './doors.ts';

/** Milliseconds in which questions are gathered for one round. */
const gathering = 20;

/** Asks as the plugin does: three questions within a tenth of a second, for all addresses of a moment in one round. */
export class PlainProber implements Prober {
  readonly #kernel = new KernelNode(() => undefined);
  readonly #master: string | undefined;
  #waiting: Ip[] = [];
  #round: Promise<readonly Claim[]> | undefined;

  constructor(master: string | undefined) {
    this.#master = master;
  }

  async probe(ip: Ip): Promise<Claim | undefined> {
    this.#waiting.push(ip);
    this.#round ??= this.#gather();
    return (await this.#round).find((claim) => claim.ip.equals(ip));
  }

  async recheck(ips: readonly Ip[]): Promise<readonly Claim[]> {
    return this.#ask(ips);
  }

  async #gather(): Promise<readonly Claim[]> {
    await new Promise((resolve) => setTimeout(resolve, gathering));
    const ips = this.#waiting;
    this.#waiting = [];
    this.#round = undefined;
    return this.#ask(ips);
  }

  #ask(ips: readonly Ip[]): Claim[] {
    const master = this.#kernel.findMaster(this.#master);
    if (master?.mac === undefined) {
      throw new Problem('MASTER_MISSING', 'there is no master that could be asked by');
    }
    return probeBy([{ index: master.index, mac: master.mac, askersFor: () => ['nobody'] }], ips);
  }
}
