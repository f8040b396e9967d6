import { reasonOf } from '../../../core/problem/problem.ts';
import { Netlink } from '../../../netlink/netlink.bun.ts';
import { mendPairs } from '../../node/access/veth.bun.ts';
import { defaultDevice } from '../../node/default-device.bun.ts';
import { KernelNode } from '../../node/kernel-node.bun.ts';
import type { Master } from '../../node/node.ts';
import { Proxies, sweepProxies } from '../../node/ptp/proxies.bun.ts';
import { mtuBeforeTuning } from '../../node/tuned.ts';
import type { LivingLink } from '../census/living-link.ts';
import { changeOf, type MasterSeen } from './master-watch.ts';
import { MtuKeeper } from './mtu-keeper.ts';
import type { Notes } from './notes.ts';
import { withPodLink } from './pod-link.bun.ts';
import { ShimRepair } from './shim-repair.bun.ts';

/** All neighbours of the node are read for these, and a node may have thousands. */
const roundsPerPairs = 2;

/** What the census shows, and whether it missed nothing. */
export interface Shown {
  readonly links: readonly LivingLink[];
  readonly isWhole: boolean;
}

export interface RepairSettings {
  /** The master as it was asked for; absent: the device of the default route. */
  readonly master?: string;
  /** The MTU that the configuration of a network asks for; undefined: the master's. */
  readonly mtuOf: (network: string) => number | undefined;
}

/** Puts right on the node what pods need and somebody took away; what it can't put right it tells. */
export class KernelRepairs {
  readonly #host = Netlink.open();
  readonly #node = new KernelNode(() => undefined);
  readonly #settings: RepairSettings;
  readonly #notes: Notes;
  readonly #shims = new Map<number, ShimRepair>();
  readonly #mtus = new MtuKeeper();
  #master: MasterSeen | undefined;
  #rounds = 0;

  constructor(settings: RepairSettings, notes: Notes) {
    this.#settings = settings;
    this.#notes = notes;
  }

  /** The master's name now; it is followed when somebody renames it. */
  get master(): string | undefined {
    const link = this.#master && this.#host.links.find(this.#master.index);
    return link?.name ?? this.#settings.master;
  }

  /** Reports whether the next look had better be whole: pods changed with their master, or something seems left over. */
  wantsWhole(links: readonly LivingLink[]): boolean {
    return (
      this.#mtus.hasChanged(this.#mtusOf(parentsOf(links))) ||
      [...this.#shims.values()].some(({ isWaiting }) => isWaiting)
    );
  }

  /** A failure of one kind of repair keeps none of the others from being done. */
  mend(shown: Shown): void {
    const faults: string[] = [];
    const attempt = (what: string, act: () => void) => {
      try {
        act();
      } catch (error) {
        faults.push(`could not mend ${what}: ${reasonOf(error)}`);
      }
    };
    attempt('the master', () => this.#watchMaster());
    attempt('the MTU of pods', () => this.#restoreMtus(shown.links));
    attempt('shims', () => this.#mendShims(shown, attempt));
    if (this.#rounds % roundsPerPairs === 0) {
      attempt('pods behind their node', () => this.#mendPairs(shown, attempt));
    }
    this.#rounds += 1;
    this.#notes.faulty('repair-failed', faults);
  }

  close(): void {
    this.#host.close();
  }

  #watchMaster(): void {
    const { links } = this.#host;
    const { master: name } = this.#settings;
    if (this.#master === undefined) {
      const link = name === undefined ? defaultDevice(this.#host) : links.find(name);
      this.#master = link && { index: link.index, name: link.name };
    }
    const known = this.#master;
    const wanted = name ?? known?.name;
    const change =
      known === undefined || wanted === undefined
        ? undefined
        : changeOf(known, wanted, { byIndex: links.find(known.index), byName: links.find(wanted) });
    for (const kind of ['master-gone', 'master-replaced', 'master-renamed'] as const) {
      this.#notes.faulty(kind, change && change.fault === kind ? [change.words] : []);
    }
    // One that came back under its name is the master from now on.
    if (change?.fault === 'master-replaced' && known && links.find(known.index) === undefined) {
      this.#master = undefined;
    }
  }

  #restoreMtus(links: readonly LivingLink[]): void {
    const onParent = links.filter(({ kind }) => kind === 'macvlan');
    const byId = new Map(onParent.map((link) => [idOf(link), link]));
    const sized = onParent.map((link) => ({
      id: idOf(link),
      parentIndex: link.parentIndex,
      mtu: link.mtu,
      configured: this.#settings.mtuOf(link.attachment.network),
    }));
    const parents = this.#mtusOf(parentsOf(links));
    for (const { id, mtu } of this.#mtus.observe(sized, parents)) {
      const link = byId.get(id);
      if (link === undefined || isTuned(link)) {
        continue;
      }
      const done = withPodLink(link, ({ netlink }, own) => {
        const isSmaller = own.mtu < mtu;
        if (isSmaller) {
          netlink.links.change(own, { mtu });
        }
        return isSmaller;
      });
      if (done !== undefined) {
        this.#mtus.restored({ id, mtu });
      }
      if (done) {
        const { containerId, ifname } = link.attachment;
        this.#notes.repaired(
          'mtu',
          `${ifname} of ${containerId} has the MTU ${mtu} again, it had ${link.mtu}`,
        );
      }
    }
    const lowered = this.#mtus.lowered;
    const words = `${lowered} pods have a smaller MTU, because their master's was lowered`;
    this.#notes.faulty('mtu-lowered', lowered > 0 ? [words] : []);
  }

  #mendShims({ links, isWhole }: Shown, attempt: (what: string, act: () => void) => void): void {
    const living = new Set(links.flatMap(({ ips }) => ips.map(String)));
    for (const index of new Set([...this.#shims.keys(), ...parentsOf(links), ...this.#ownIndex])) {
      const master = this.#masterAt(index);
      if (master === undefined) {
        this.#shims.delete(index);
        continue;
      }
      const shim = this.#shims.get(index) ?? new ShimRepair(this.#host, this.#notes);
      this.#shims.set(index, shim);
      const own = links.filter(({ kind, parentIndex }) => kind === 'macvlan' && parentIndex === index);
      attempt(`the shim of ${master.name}`, () => shim.mend(master, own, living, isWhole));
    }
  }

  /** Pods behind their node, and those with a pair beside their macvlan. */
  #mendPairs({ links }: Shown, attempt: (what: string, act: () => void) => void): void {
    const masters = [...parentsOf(links), ...this.#ownIndex].flatMap((index) => this.#masterAt(index) ?? []);
    for (const master of new Map(masters.map((each) => [each.index, each])).values()) {
      attempt(`the pairs of ${master.name}`, () => {
        for (const ip of mendPairs(this.#host, master)) {
          this.#notes.repaired('host-way', `the host leads to ${ip} again: its route was gone`);
        }
        for (const ip of new Proxies(this.#host, master.index).mend()) {
          this.#notes.repaired('proxy', `the node answers for ${ip} on ${master.name} again`);
        }
      });
    }
    attempt('what the node answers for', () => {
      for (const ip of sweepProxies(this.#host, [])) {
        this.#notes.repaired('leftover-way', `the node answers for ${ip} no more: no pod has it`);
      }
    });
  }

  get #ownIndex(): number[] {
    return this.#master === undefined ? [] : [this.#master.index];
  }

  #masterAt(index: number): Master | undefined {
    const link = this.#host.links.find(index);
    return link && this.#node.findMaster(link.name);
  }

  #mtusOf(indexes: ReadonlySet<number>): Map<number, number> {
    return new Map(
      [...indexes].flatMap((index) => {
        const link = this.#host.links.find(index);
        return link === undefined ? [] : [[index, link.mtu] as const];
      }),
    );
  }
}

/** What the pods' macvlans hang on. */
function parentsOf(links: readonly LivingLink[]): Set<number> {
  return new Set(links.filter(({ kind }) => kind === 'macvlan').map(({ parentIndex }) => parentIndex));
}

function idOf({ inode, attachment }: LivingLink): string {
  return `${inode} ${attachment.ifname}`;
}

/** Another plugin of the chain made it smaller on purpose. */
function isTuned({ attachment: { containerId, ifname } }: LivingLink): boolean {
  return mtuBeforeTuning(containerId, ifname) !== undefined;
}
