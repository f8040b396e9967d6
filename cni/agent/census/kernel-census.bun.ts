import type { Link } from '../../../netlink/message/link.ts';
import { Netns } from '../../../netlink/netns.bun.ts';
import { hostGateways } from '../../node/access/shim-identity.ts';
import { aliasedLinks } from '../../node/aliased.bun.ts';
import { lookInto, type Namespace } from '../../node/namespaces.bun.ts';
import type { KernelPod } from '../../node/pod/pod.bun.ts';
import type { Attachment } from '../../plugin/ipam/ipam.ts';
import type { Census, Sight } from '../doors.ts';
import { dueAt, type Met } from './agenda.ts';
import { asAttachment, type LivingLink, ownerOf } from './living-link.ts';
import { NamespaceList } from './namespace-list.bun.ts';

/** So long, in ms, a look keeps the process from its other work at a time; a pod may be waiting for its address. */
const longestStep = 3;

/** No node has so many namespaces; what is more is somebody's leak. */
const mostNamespaces = 10_000;

/** What is known of a namespace. */
interface Known extends Met {
  readonly links: readonly LivingLink[];
  /** Why it couldn't be looked into the last time; what it showed before stands meanwhile. */
  readonly fault?: string;
}

/** What a census needs beside the kernel. */
export interface CensusDoors {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Reports whether another IPAM plugin gave an attachment its addresses: the ledger knows nothing of it. */
  readonly isDelegated: (attachment: Attachment) => boolean;
}

/**
 * Finds the interfaces of this node's pods in all network namespaces of the machine. It keeps what each namespace
 * showed, looks into those that may have changed, and holds none open in between: that would keep it alive.
 */
export class KernelCensus implements Census {
  readonly #doors: CensusDoors;
  readonly #list = new NamespaceList();
  #known = new Map<number, Known>();
  #lastLook: number | undefined;
  #passedOver = 0;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(doors: CensusDoors) {
    this.#doors = doors;
  }

  /** The pods' interfaces as they were when their namespaces were looked into. */
  get links(): LivingLink[] {
    return [...this.#known.values()].flatMap(({ links }) => links);
  }

  /** Something was done in these namespaces: the next look looks into them. */
  doubt(inodes: readonly number[]): void {
    for (const inode of inodes) {
      const known = this.#known.get(inode);
      if (known !== undefined) {
        this.#known.set(inode, { since: known.since, links: known.links });
      }
    }
  }

  /** One look at a time: who asks meanwhile gets a look that begins after it. */
  look(isWhole: boolean): Promise<Sight> {
    const looked = this.#queue.then(() => this.#look(isWhole));
    this.#queue = looked.catch(() => undefined);
    return looked;
  }

  async #look(isWhole: boolean): Promise<Sight> {
    const found = this.#meet(this.#list.read(isWhole));
    const due = isWhole ? [...found.keys()] : dueAt(this.#known, this.#doors.now(), this.#lastLook ?? 0);
    this.#lastLook = this.#doors.now();
    const home = Netns.own();
    try {
      let pausedAt = performance.now();
      for (const inode of due) {
        const namespace = found.get(inode);
        if (namespace !== undefined) {
          this.#lookInto(namespace, home);
        }
        if (performance.now() - pausedAt > longestStep) {
          await new Promise((resume) => setImmediate(resume));
          pausedAt = performance.now();
        }
      }
    } finally {
      home.close();
    }
    const unseen = this.#unseen();
    return { attachments: this.links.map(asAttachment), isWhole: isWhole && unseen.length === 0, unseen };
  }

  /** Forgets the namespaces that are gone, with what was in them, and notes the new ones. */
  #meet(all: readonly Namespace[]): Map<number, Namespace> {
    const met = all.slice(0, mostNamespaces);
    this.#passedOver = all.length - met.length;
    // Those that were there before the first look may be of any age.
    const since = this.#lastLook === undefined ? 0 : this.#doors.now();
    this.#known = new Map(
      met.map(({ inode }) => [inode, this.#known.get(inode) ?? { since, links: [] }] as const),
    );
    return new Map(met.map((each) => [each.inode, each] as const));
  }

  #lookInto(namespace: Namespace, home: Netns): void {
    const { inode } = namespace;
    const before = this.#known.get(inode);
    if (before === undefined) {
      return;
    }
    const seen = lookInto(namespace, (pod, path) => this.#linksIn(pod, { inode, path }, home));
    if (typeof seen === 'string') {
      const { since, links } = before;
      this.#known.set(inode, { since, links, fault: seen });
    } else {
      this.#known.set(inode, { since: before.since, lookedAt: this.#doors.now(), links: seen });
    }
  }

  #linksIn(pod: KernelPod, at: { readonly inode: number; readonly path: string }, home: Netns): LivingLink[] {
    return aliasedLinks(pod, home).flatMap(({ link, isOnThisNode, addresses }) => {
      const { alias, kind, mac, mtu, parentIndex } = link;
      const owner = ownerOf(alias, link.name);
      const isOurs = isOnThisNode && parentIndex !== undefined && owner !== undefined;
      if (!isOurs || (owner.generation === undefined && this.#doors.isDelegated(owner.attachment))) {
        return [];
      }
      // An address that a router advertised ages, and the ledger knows nothing of it.
      const ips = addresses
        .filter(({ flags }) => flags.includes('permanent'))
        .map(({ prefix }) => prefix.address);
      const shim = shimOf(pod, link);
      return [
        {
          ...owner,
          ...{ inode: at.inode, netns: at.path, alias, kind, mac, mtu, parentIndex, ips },
          ...(shim === undefined ? {} : { shim }),
        },
      ];
    });
  }

  #unseen(): string[] {
    const faults = [...this.#known.values()].flatMap(({ fault }) => fault ?? []);
    return [
      ...faults,
      ...(this.#passedOver > 0
        ? [`there are ${this.#passedOver} more network namespaces than are looked into`]
        : []),
      ...(this.#list.isBlind
        ? ['the kernel hides the network namespaces of processes from this agent: it lacks CAP_SYS_PTRACE']
        : []),
    ];
  }
}

/** The pod tells itself whether it has a way to its node, by the neighbour for ever that ADD gave it. */
function shimOf({ netlink }: KernelPod, link: Link): LivingLink['shim'] {
  if (link.macvlan?.mode !== 'bridge') {
    return undefined;
  }
  const entries = netlink.neighbours
    .list({ link })
    .filter(({ ip, mac, state }) => state === 'permanent' && mac && ip.equals(hostGateways[ip.family]));
  const mac = entries[0]?.mac;
  return mac && { mac, families: entries.map(({ ip }) => ip.family) };
}
