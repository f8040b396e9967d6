import type { Ip } from '../../../core/address/ip.ts';
import { Prefix } from '../../../core/address/prefix.ts';
import { reasonOf } from '../../../core/problem/problem.ts';
import type { AttachmentKey } from '../../../schema/allocation.ts';
import type { HeldAttachment } from '../../../schema/node-sync.ts';
import type { Attached } from '../../node/node.ts';
import { type Leftover, leftovers } from '../../plugin/garbage.ts';
import type { Attachment } from '../../plugin/ipam/ipam.ts';
import { takeDown } from '../../plugin/take-down.ts';
import type { Sandbox } from '../cri/sandbox.ts';
import { SandboxMemory } from '../cri/sandbox-memory.ts';
import type { Census, Detacher, Sight } from '../doors.ts';
import type { Notes } from '../repair/notes.ts';
import type { LivingLink } from './living-link.ts';
import { Missed } from './missed.ts';

/** What it is told as when it can't be taken away. */
const faultOf = { revoked: 'revoked-stays', 'missed-del': 'forgotten-stays' } as const;

export interface TruthDoors {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** What the kernel shows; with the interfaces themselves, and doubts about namespaces. */
  readonly kernel: Census & { readonly links: readonly LivingLink[]; doubt(inodes: readonly number[]): void };
  /** Puts right what the pods need. */
  readonly repairs: {
    wantsWhole(links: readonly LivingLink[]): boolean;
    mend(shown: { readonly links: readonly LivingLink[]; readonly isWhole: boolean }): void;
  };
  readonly notes: Notes;
  /** The runtime's sandboxes; absent where there is no CRI. */
  readonly sandboxes?: () => Promise<readonly Sandbox[]>;
  /** The attachments that live, as far as the agent's state goes. */
  readonly known: () => readonly AttachmentKey[];
  /** An attachment has ended without a DEL: as if that had come. */
  readonly ended: (attachment: Attachment, generation: number | undefined) => Promise<void>;
  readonly detacher: Detacher;
  /** Whether an interface is still there, and the same: what is known of it may be a minute old. */
  readonly isStill: (link: LivingLink) => boolean;
  /** Takes the host's ways to addresses. */
  readonly forget: (ips: readonly Ip[]) => void;
}

/**
 * What lives on this node: by its kernel and, where there is one, by its runtime. With each look comes what follows from
 * it: repairs, and the end of pods that the runtime has forgotten.
 */
export class NodeTruth implements Census {
  readonly #doors: TruthDoors;
  readonly #memory = new SandboxMemory();
  readonly #missed = new Missed();
  #suspects: readonly AttachmentKey[] = [];

  constructor(doors: TruthDoors) {
    this.#doors = doors;
  }

  /** What the server misses: before it takes them back, every namespace is looked into. */
  suspected(suspects: readonly HeldAttachment[]): void {
    this.#suspects = suspects.map(keyOf);
  }

  async look(isAsked: boolean): Promise<Sight> {
    const { kernel, repairs, notes } = this.#doors;
    const heard = this.#hear();
    const isWhole = isAsked || this.#suspects.length > 0 || repairs.wantsWhole(kernel.links);
    const sight = await this.#lookUntilSure(isWhole);
    await heard;
    await this.#takeForgotten();
    repairs.mend({ links: kernel.links, isWhole: sight.isWhole });
    notes.faulty('unseen', sight.unseen);
    return { ...sight, attachments: [...sight.attachments, ...this.#keptByRuntime(sight)] };
  }

  /** Takes the links of attachments that the server took away while this node was fenced. */
  async takeDown(revoked: readonly HeldAttachment[]): Promise<void> {
    const names = new Set(revoked.map(nameOf));
    await this.#takeWhere(
      (attachment) => names.has(nameOf(attachment)),
      'revoked',
      'was taken away by the server while this node was fenced',
    );
  }

  async #lookUntilSure(isWhole: boolean): Promise<Sight> {
    const { kernel } = this.#doors;
    const first = await kernel.look(isWhole);
    const isEnough = isWhole || !this.#missed.isNew(this.#unshown(first));
    const sight = isEnough ? first : await kernel.look(true);
    if (isWhole || !isEnough) {
      this.#missed.observe(this.#unshown(sight));
    }
    return sight;
  }

  #unshown({ attachments }: Sight): string[] {
    const shown = new Set(attachments.map(nameOf));
    return this.#doors
      .known()
      .map(nameOf)
      .filter((name) => !shown.has(name));
  }

  /** A sandbox that runs keeps its addresses, though no namespace of this machine shows them. */
  #keptByRuntime({ attachments }: Sight): Sight['attachments'] {
    const shown = new Set(attachments.map(nameOf));
    const expected = new Map(
      [...this.#doors.known(), ...this.#suspects].map((each) => [nameOf(each), keyOf(each)] as const),
    );
    return [...expected]
      .filter(([name, { containerId }]) => !shown.has(name) && this.#memory.isReady(containerId))
      .map(([, key]) => ({ ...key, addresses: [] }));
  }

  async #hear(): Promise<void> {
    const { sandboxes, notes, now, kernel } = this.#doors;
    if (sandboxes === undefined) {
      return;
    }
    try {
      this.#memory.observe(await sandboxes(), now());
      this.#memory.keepOnly(new Set(kernel.links.map(({ attachment }) => attachment.containerId)));
      notes.faulty('cri-away', []);
    } catch (error) {
      notes.faulty('cri-away', [`the runtime does not tell its pods: ${reasonOf(error)}`]);
    }
  }

  /** The DEL of these never came: the runtime had them, and has forgotten them. */
  async #takeForgotten(): Promise<void> {
    const taken = await this.#takeWhere(
      ({ containerId }) => this.#memory.isGone(containerId),
      'missed-del',
      'was forgotten by the runtime without a DEL',
    );
    const ends = taken.map(({ attachment, generation }) => this.#doors.ended(attachment, generation));
    for (const end of await Promise.allSettled(ends)) {
      // Two looks that don't show it end it all the same.
      if (end.status === 'rejected') {
        this.#doors.notes.faulty('repair-failed', [
          `an end could not be written down: ${reasonOf(end.reason)}`,
        ]);
      }
    }
  }

  /** By the same code as GC: what is left of an attachment, and how it is taken. */
  async #takeWhere(
    isStale: (attachment: Attachment) => boolean,
    kind: keyof typeof faultOf,
    why: string,
  ): Promise<Leftover[]> {
    const { kernel, notes } = this.#doors;
    const stale = kernel.links.filter(({ attachment }) => isStale(attachment));
    const byAttached = new Map(
      stale.length === 0 ? [] : kernel.links.map((link) => [asAttached(link), link]),
    );
    const taken: Leftover[] = [];
    const faults: string[] = [];
    for (const network of new Set(stale.map(({ attachment }) => attachment.network))) {
      const sources = { attached: [...byAttached.keys()], records: undefined };
      for (const leftover of leftovers(network, (each) => !isStale(each), sources)) {
        const { containerId, ifname } = leftover.attachment;
        const words = `${ifname} of ${containerId} (${leftover.ips.join(', ')}) ${why}`;
        try {
          await this.#take(leftover, byAttached);
          notes.repaired(kind, `${words}; its interface is gone now`);
          taken.push(leftover);
        } catch (error) {
          faults.push(`${words}; it can't be taken away: ${reasonOf(error)}`);
        }
      }
    }
    notes.faulty(faultOf[kind], faults);
    if (stale.length > 0) {
      kernel.doubt(stale.map(({ inode }) => inode));
    }
    return taken;
  }

  async #take(leftover: Leftover, links: ReadonlyMap<Attached, LivingLink>): Promise<void> {
    const { detacher, forget, isStill } = this.#doors;
    await takeDown(leftover, {
      forget,
      remove: async (each) => {
        const link = links.get(each);
        if (link !== undefined && isStill(link)) {
          const { netns, inode, attachment } = link;
          await detacher.detach({ netns, inode, ifname: attachment.ifname });
        }
      },
    });
  }
}

function asAttached({ netns, attachment, alias, ips }: LivingLink): Attached {
  return { netns, ifname: attachment.ifname, alias, isOnThisNode: true, ips: ips.map(Prefix.alone) };
}

function keyOf({ network, containerId, ifname }: AttachmentKey): AttachmentKey {
  return { network, containerId, ifname };
}

/** No part of a key has a slash. */
function nameOf({ network, containerId, ifname }: AttachmentKey): string {
  return `${network}/${containerId}/${ifname}`;
}
