import type {
  Allocation,
  AllocationRequest,
  AttachmentKey,
  ListedAllocation,
} from '../../../schema/allocation.ts';
import type { HeldAttachment } from '../../../schema/node-sync.ts';
import type { ConflictStatus } from './agent-status.ts';
import type { Book } from './book.ts';
import { nextOf, type Outgoing, type OutgoingAnswer, outcomeOf } from './outgoing.ts';
import {
  addressesOf,
  attachmentName,
  type ClaimRecord,
  isRecorded,
  type StayRecord,
  type Write,
} from './record.ts';

/** What a DEL says beside the attachment. */
export interface EndBounds {
  /** Only this one, where the runtime's result had it. */
  readonly generation?: number;
  /** `AgentState.serial` when the DEL came, where that isn't now: what began later isn't meant. */
  readonly serial?: number;
}

/** Something of a stay that an admin should hear of. */
export interface Trouble {
  readonly stay: StayRecord;
  readonly code: string;
  readonly detail: string;
}

/** The attachments on this node, and those whose end the server doesn't know. */
export class Stays {
  readonly #book: Book;

  constructor(book: Book) {
    this.#book = book;
  }

  livingOf(key: AttachmentKey): StayRecord | undefined {
    return this.#book.table.living.get(attachmentName(key));
  }

  /** The writes by which a stay begins. */
  begun(
    request: AllocationRequest,
    allocation: Allocation,
    more: Pick<StayRecord, 'isProbed' | 'requestId'>,
    now: number,
  ): Write[] {
    const { network, containerId, ifname, pod } = request;
    const key = { network, containerId, ifname };
    return this.#new({ ...key, ...(pod === undefined ? {} : { pod }), at: now, allocation, ...more });
  }

  /** The writes by which the server's own gift is known. */
  forwarded(
    request: AllocationRequest,
    allocation: Allocation,
    more: Pick<StayRecord, 'requestId'>,
    now: number,
  ): Write[] {
    const living = this.livingOf(request);
    if (living?.allocation === undefined) {
      return this.begun(request, allocation, { isProbed: false, ...more }, now);
    }
    if (living.allocation.generation === allocation.generation) {
      return [];
    }
    if (!isRecorded(living)) {
      const told = { is: 'allocate', serial: living.serial, allocate: request } as const;
      const { stay } = outcomeOf(living, told, allocation, now);
      return [{ kind: 'stay', name: String(living.serial), record: stay }];
    }
    // What the server had before under this name has ended there.
    return [
      { kind: 'stay', name: String(living.serial), record: null },
      ...this.begun(request, allocation, { isProbed: false, ...more }, now),
    ];
  }

  /** A DEL: reports whether the attachment was known. What was not is told to the server all the same, once. */
  end({ network, containerId, ifname }: AttachmentKey, bounds: EndBounds, now: number): boolean {
    const key = { network, containerId, ifname };
    const { generation, serial = this.#book.table.self.serial } = bounds;
    const living = this.livingOf(key);
    const isMeant = living !== undefined && living.serial <= serial && isOf(living, generation);
    if (isMeant) {
      this.#book.commit([this.ended(living, now)]);
      return true;
    }
    // It began after this DEL, which can't mean a generation that is not told.
    const isEarlier = living !== undefined && generation === undefined;
    if (!isEarlier && !this.#ending(key).some((stay) => isOf(stay, generation))) {
      const whose = generation === undefined ? {} : { generation };
      this.#book.commit(this.#new({ ...key, at: now, endedAt: now, isProbed: false, ...whose }));
    }
    return living !== undefined;
  }

  /** The write by which a stay ends; who has it is decided by that. */
  ended({ otherwise, refused: _, ...stay }: StayRecord, now: number): Write {
    const displaces = otherwise === undefined ? {} : { displaces: otherwise.generation };
    return { kind: 'stay', name: String(stay.serial), record: { ...stay, ...displaces, endedAt: now } };
  }

  /** What the server is to be told, at most one step of an attachment: its order is kept thereby. */
  outbox(now: number): Outgoing[] {
    const { stays, self } = this.#book.table;
    const seen = new Set<string>();
    const out: Outgoing[] = [];
    for (const stay of stays.values()) {
      const name = attachmentName(stay);
      const next = seen.has(name) ? undefined : nextOf(stay, self.node, now);
      if (next !== undefined) {
        out.push(next);
      }
      if (stay.endedAt !== undefined || !isRecorded(stay)) {
        seen.add(name);
      }
    }
    return out;
  }

  /** The server has answered an item. */
  told(outgoing: Outgoing, answer: OutgoingAnswer, now: number): Trouble | undefined {
    const name = String(outgoing.serial);
    const before = this.#book.table.stays.get(name);
    if (before === undefined) {
      return undefined;
    }
    const { stay, trouble } = outcomeOf(before, outgoing, answer, now);
    if (stay !== before) {
      this.#book.commit([{ kind: 'stay', name, record: stay }]);
    }
    return trouble && { stay: stay ?? before, ...trouble };
  }

  /** Reports whether the server is yet to be told of an attachment's end. */
  isTelling(key: AttachmentKey): boolean {
    return this.#ending(key).length > 0;
  }

  /** The server has the attachment as it's shown, with this generation. */
  adopted(shown: HeldAttachment): Write[] {
    const name = attachmentName(shown);
    const stay = [...this.#book.table.stays.values()]
      .reverse()
      .find(
        (each) =>
          attachmentName(each) === name &&
          addressesOf(each).some((address) => shown.addresses.includes(address)),
      );
    if (stay?.allocation === undefined) {
      return [];
    }
    const { refused: _, otherwise: __, unrecorded: ___, ...rest } = stay;
    const allocation = { ...stay.allocation, generation: shown.generation };
    const lacking = addressesOf(stay).filter((address) => !shown.addresses.includes(address));
    const record = { ...rest, allocation, ...(lacking.length === 0 ? {} : { unrecorded: lacking }) };
    return [{ kind: 'stay', name: String(stay.serial), record }];
  }

  /** Another host uses an address; reports whether it is a living attachment's. */
  claimed(ip: string, mac: string, now: number): boolean {
    const stay = this.#book.table.holderOf(ip);
    if (stay === undefined || stay.endedAt !== undefined) {
      return false;
    }
    if (!stay.claims?.some((claim) => claim.ip === ip && claim.mac === mac)) {
      this.#claim(stay, { ip, mac, at: now });
    }
    return true;
  }

  /**
   * Claims that the server is yet to be told of, of pods that lived when they were heard. Of a pod that it doesn't know
   * yet it is told afterwards, since it would take the address from it.
   */
  claims(): ClaimRecord[] {
    return [...this.#book.table.stays.values()]
      .filter(isRecorded)
      .flatMap(({ claims = [] }) => claims.filter(({ isTold }) => isTold !== true));
  }

  claimTold({ ip, mac }: ClaimRecord): void {
    for (const stay of this.#book.table.stays.values()) {
      const claim = stay.claims?.find((each) => each.ip === ip && each.mac === mac);
      if (claim !== undefined) {
        this.#claim(stay, { ...claim, isTold: true });
      }
    }
  }

  #claim(stay: StayRecord, claim: ClaimRecord): void {
    const others = stay.claims?.filter(({ ip }) => ip !== claim.ip) ?? [];
    const record: StayRecord = { ...stay, claims: [...others, claim] };
    this.#book.commit([{ kind: 'stay', name: String(stay.serial), record }]);
  }

  /** How many the server is to be told of. */
  get untold(): number {
    let count = 0;
    for (const stay of this.#book.table.stays.values()) {
      count += stay.endedAt !== undefined || !isRecorded(stay) ? 1 : 0;
    }
    return count;
  }

  /** The living ones whose addresses aren't theirs alone. */
  conflicts(): ConflictStatus[] {
    return [...this.#book.table.living.values()].flatMap((stay) => {
      const { pod, claims = [], refused } = stay;
      const base = {
        attachment: attachmentName(stay),
        ...(pod === undefined ? {} : { pod: `${pod.namespace}/${pod.name}` }),
      };
      const found: ConflictStatus[] = claims.map(({ ip: address, mac, at }) => ({
        ...base,
        address,
        code: 'claimed',
        detail: `${mac} uses it`,
        since: iso(at),
      }));
      if (refused !== undefined) {
        const { code, detail, at } = refused;
        found.push({ ...base, address: addressesOf(stay).join(', '), code, detail, since: iso(at) });
      }
      return found;
    });
  }

  /** The living ones as GET /v1/allocations lists them. */
  listed(): ListedAllocation[] {
    const { living, self } = this.#book.table;
    return [...living.values()].flatMap(({ network, containerId, ifname, pod, allocation }) => {
      if (allocation === undefined) {
        return [];
      }
      const { id, generation, mac, ips } = allocation;
      const whose = pod === undefined ? {} : { pod };
      return [{ id, generation, node: self.node, network, containerId, ifname, ...whose, mac, ips }];
    });
  }

  /** Those that have ended, and the server doesn't know. */
  #ending(key: AttachmentKey): StayRecord[] {
    const name = attachmentName(key);
    return [...this.#book.table.stays.values()].filter(
      (stay) => stay.endedAt !== undefined && attachmentName(stay) === name,
    );
  }

  #new(stay: Omit<StayRecord, 'serial'>): Write[] {
    const serial = this.#book.table.self.serial + 1;
    return [this.#book.self({ serial }), { kind: 'stay', name: String(serial), record: { ...stay, serial } }];
  }
}

/** Reports whether a DEL that names this generation, or none, means the stay. */
function isOf(stay: StayRecord, generation: number | undefined): boolean {
  const own = stay.allocation?.generation ?? stay.generation;
  return !generation || !own || own === generation;
}

const iso = (time: number) => new Date(time).toISOString();
