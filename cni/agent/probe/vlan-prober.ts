import type { Ip } from '../../../core/address/ip.ts';
import type { Claim } from '../../probe/claim.ts';
import type { Prober, Rechecked } from '../doors.ts';
import type { LanProber } from './lan-prober.ts';

export interface VlanProberParts {
  /** The VLAN that an address is on; undefined: untagged. */
  readonly vlanOf: (ip: Ip) => number | undefined;
  /** One network of the master. */
  readonly open: (vlan: number | undefined) => Pick<LanProber, 'probe' | 'recheck' | 'close'>;
}

/** Asks for each address on the network that it belongs to: the master's own, or one of its VLANs. */
export class VlanProber implements Prober {
  readonly #parts: VlanProberParts;
  readonly #networks = new Map<number | undefined, ReturnType<VlanProberParts['open']>>();

  constructor(parts: VlanProberParts) {
    this.#parts = parts;
  }

  probe(ip: Ip, how: Parameters<Prober['probe']>[1]): Promise<Claim | undefined> {
    return this.#networkOf(this.#parts.vlanOf(ip)).probe(ip, how);
  }

  /** What one network that can't be asked leaves out, the others still tell. */
  async recheck(ips: readonly Ip[]): Promise<Rechecked> {
    const vlans = [...new Set(ips.map((ip) => this.#parts.vlanOf(ip)))];
    const ended = await Promise.allSettled(
      vlans.map((vlan) => this.#networkOf(vlan).recheck(ips.filter((ip) => this.#parts.vlanOf(ip) === vlan))),
    );
    const heard = ended.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    const failed = ended.find((each) => each.status === 'rejected');
    if (failed !== undefined && heard.length === 0) {
      throw failed.reason;
    }
    return {
      asked: heard.flatMap(({ asked }) => asked),
      claims: heard.flatMap(({ claims }) => claims),
    };
  }

  close(reason: unknown): void {
    for (const network of this.#networks.values()) {
      network.close(reason);
    }
  }

  #networkOf(vlan: number | undefined): ReturnType<VlanProberParts['open']> {
    const network = this.#networks.get(vlan) ?? this.#parts.open(vlan);
    this.#networks.set(vlan, network);
    return network;
  }
}
