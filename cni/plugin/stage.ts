import type { Mac } from '../../core/address/mac.ts';
import type { Draft, Master, Node, Pod } from '../node/node.ts';
import type { Config } from './config.ts';
import { mtuOf, sketchOf } from './planning/planning.ts';

/** What is known about the interface before there is an address. */
export interface Wanted {
  readonly ifname: string;
  /** Absent where the draft has any, for the time being. */
  readonly mac: Mac | undefined;
}

/** Where one ADD builds: the master or a VLAN of it, and the interface in the making there. */
export class Stage {
  readonly #config: Config;
  readonly #node: Node;
  readonly #pod: Pod;
  readonly #wanted: Wanted;
  readonly #trunk: Master;
  #vlan: number | undefined;
  #master: Master;
  #draft: Draft | undefined;

  /** @param trunk the master itself, where the stage begins */
  constructor(config: Config, node: Node, pod: Pod, trunk: Master, wanted: Wanted) {
    this.#config = config;
    this.#node = node;
    this.#pod = pod;
    this.#wanted = wanted;
    this.#trunk = trunk;
    this.#master = trunk;
  }

  get vlan(): number | undefined {
    return this.#vlan;
  }

  get master(): Master {
    return this.#master;
  }

  /** @throws Problem MTU_TOO_LARGE */
  get mtu(): number {
    return mtuOf(this.#config, this.#master);
  }

  /** The interface in the making. @throws Problem as `Node.draft` */
  get draft(): Draft {
    this.#draft ??= this.#node.draft(
      this.#pod,
      this.#master,
      sketchOf(this.#config, { ...this.#wanted, mtu: this.mtu }),
    );
    return this.#draft;
  }

  /** Builds there from now on; what was made elsewhere is taken away. @throws Problem as `Node.makeVlan` */
  moveTo(vlan: number | undefined): void {
    if (vlan !== this.#vlan) {
      this.clear();
      this.#vlan = vlan;
      this.#master = vlan === undefined ? this.#trunk : this.#node.makeVlan(this.#trunk, vlan);
    }
  }

  /** Takes away what was made. */
  clear(): void {
    this.#draft?.discard();
    this.#draft = undefined;
    if (this.#vlan !== undefined) {
      this.#node.tidyVlans(this.#trunk);
    }
  }
}
