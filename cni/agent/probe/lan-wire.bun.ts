import type { Ip } from '../../../core/address/ip.ts';
import type { Mac } from '../../../core/address/mac.ts';
import { Problem } from '../../../core/problem/problem.ts';
import { isErrno } from '../../../netlink/message/netlink-error.ts';
import type { Netlink } from '../../../netlink/netlink.bun.ts';
import { shimName } from '../../node/access/shim-identity.ts';
import { HostClaims } from '../../node/host-claims.bun.ts';
import type { Master } from '../../node/node.ts';
import { ownAddressFor } from '../../node/own-address.ts';
import type { Claim } from '../../probe/claim.ts';
import { questionFrame } from '../../probe/question.ts';
import { Ears } from './ears.bun.ts';
import type { Wire } from './wire.ts';

/** Milliseconds that the node's own addresses, MAC and shim on the master are taken to be what they were. */
const remembered = 1000;

/**
 * The network by a master, asked as the plugin asks it: by a probe, which teaches nobody anything; by an ordinary
 * question from the node's own address, since the kernel of a host that answers for others ignores probes; and by the
 * shim, since the node's macvlan pods don't hear the master. That one bears the master's MAC as its sender, so that no
 * switch learns the shim's, and asks for an answer to the shim.
 */
export class LanWire implements Wire {
  readonly #host: Netlink;
  readonly #findMaster: () => Master;
  #place: { readonly master: Master; readonly mac: Mac; readonly lookedAt: number } | undefined;
  #ears: Ears | undefined;
  /** Ears of the shim, where there is one. */
  #shim: { readonly mac: Mac; readonly index: number; readonly ears: Ears } | undefined;

  /** @param findMaster throws Problem MASTER_MISSING */
  constructor(host: Netlink, findMaster: () => Master) {
    this.#host = host;
    this.#findMaster = findMaster;
  }

  look(): string | undefined {
    const link = this.#host.links.find(this.#settled().master.index) ?? this.#gone();
    if (!link.up || !link.carrier) {
      return undefined;
    }
    return `${link.index} ${link.mac} ${link.carrierChanges}`;
  }

  knownHere(ip: Ip): Claim | undefined {
    return new HostClaims(this.#host, this.#settled().master).claimOn(ip);
  }

  listen(ips: readonly Ip[]): void {
    this.#ears?.listen(ips);
    try {
      this.#shim?.ears.listen(ips);
    } catch (error) {
      // It may go at any time, and is looked for again soon.
      if (!isErrno(error, 'ENODEV')) {
        throw error;
      }
      this.#shim = undefined;
    }
  }

  costOf(ip: Ip): number {
    const ordinary = ownAddressFor(ip, this.#settled().master.addresses) === undefined ? 0 : 1;
    return 1 + ordinary + (this.#shim === undefined ? 0 : 1);
  }

  ask(ip: Ip, asksPods: boolean): void {
    const { master, mac } = this.#settled();
    const own = ownAddressFor(ip, master.addresses);
    this.#ears?.send(questionFrame(mac, ip));
    if (own !== undefined) {
      this.#ears?.send(questionFrame(mac, ip, own));
    }
    if (asksPods) {
      this.#shim?.ears.send(questionFrame(mac, ip, undefined, this.#shim.mac));
    }
  }

  heard(): Claim[] {
    const own = [this.#place?.mac, this.#shim?.mac];
    const claims = [...(this.#ears?.heard() ?? []), ...(this.#shim?.ears.heard() ?? [])];
    return claims.filter(({ mac }) => !own.some((each) => each?.equals(mac)));
  }

  rest(): void {
    this.#ears?.close();
    this.#shim?.ears.close();
    this.#ears = undefined;
    this.#shim = undefined;
    this.#place = undefined;
  }

  /** The master as it is, or was a moment ago, with ears on it. */
  #settled(): { readonly master: Master; readonly mac: Mac } {
    const now = performance.now();
    const known = this.#place;
    if (known !== undefined && now - known.lookedAt < remembered) {
      return known;
    }
    const master = this.#findMaster();
    if (master.mac === undefined) {
      throw new Problem('MASTER_MISSING', `${master.name} is no Ethernet interface`, { master: master.name });
    }
    if (known !== undefined && (known.master.index !== master.index || !known.mac.equals(master.mac))) {
      this.rest();
    }
    const place = { master, mac: master.mac, lookedAt: now };
    this.#place = place;
    this.#ears ??= new Ears(master.index);
    this.#settleShim(master);
    return place;
  }

  #settleShim({ index: masterIndex }: Master): void {
    const link = this.#host.links.find(shimName(masterIndex));
    if (link?.index === this.#shim?.index) {
      return;
    }
    this.#shim?.ears.close();
    this.#shim = link?.mac && { mac: link.mac, index: link.index, ears: new Ears(link.index) };
  }

  /** @throws Problem MASTER_MISSING, unless the master was made anew meanwhile */
  #gone() {
    this.rest();
    return this.#host.links.get(this.#settled().master.index);
  }
}
