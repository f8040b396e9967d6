import { Ip } from '../../../core/address/ip.ts';
import type { Mac } from '../../../core/address/mac.ts';
import type {
  Allocation,
  AllocationRequest,
  AttachmentKey,
  ListedAllocation,
} from '../../../schema/allocation.ts';
import type { HeldAttachment, SyncAnswer, SyncConflict, SyncRequest } from '../../../schema/node-sync.ts';
import type { ReserveAnswer, ReserveRequest } from '../../../schema/reserve.ts';
import type { Claim } from '../../probe/claim.ts';
import type { Sight, Watched } from '../doors.ts';
import type { AgentStatus } from './agent-status.ts';
import { Book, type OnChange } from './book.ts';
import { whyNotAny } from './constraint.ts';
import type { Outgoing, OutgoingAnswer } from './outgoing.ts';
import { allocationOf, pick } from './picking.ts';
import { addressesOf, attachmentName, bare, boundBy, type ClaimRecord, type Write } from './record.ts';
import { Requests } from './requests.ts';
import { Reserve, type Supply } from './reserve.ts';
import { type Look, Sights } from './sights.ts';
import type { Lost } from './state-file.ts';
import { type EndBounds, Stays, type Trouble } from './stays.ts';
import { Table } from './table.ts';

export interface AgentStateOptions {
  readonly node: string;
  /** The kernel's, /proc/sys/kernel/random/boot_id. */
  readonly bootId: string;
  /** Milliseconds since 1970, as everywhere here. */
  readonly now: number;
  /** Warm addresses a subnet, as the admin set it; without it as many as the rate of pods asks for. */
  readonly reserve?: number;
  /** What addresses of pods are to the watcher: `behind-node` for ptp. */
  readonly inUse?: 'in-use' | 'behind-node';
  /** The records of an earlier agent, in order. */
  readonly records?: readonly Write[];
  /** What of them is missing: the kernel is looked at first, and a reserve of which too little is known is dropped. */
  readonly lost?: Lost;
  /** Keeps the records of each change before it is made; where it throws, nothing has changed. */
  readonly onChange: OnChange;
}

/** What came of a request for addresses. */
export type Taken =
  | {
      readonly is: 'given';
      readonly allocation: Allocation;
      readonly created: boolean;
      readonly isProbed: boolean;
    }
  /** Nothing is ready, and something may come: to be tried again when the state has changed. */
  | { readonly is: 'wait' }
  /** The server decides. */
  | { readonly is: 'ask'; readonly why: string };

/** What a sync came to. */
export interface Synced {
  /** Taken from this node while it was fenced: their links are to be taken down. */
  readonly revoked: readonly HeldAttachment[];
  readonly conflicts: readonly SyncConflict[];
}

/**
 * All that an agent knows and decides: the reserve, the attachments of its node, what the server is to be told. It
 * does nothing by itself: time, answers and sights are handed in, and each change is handed out as records from which
 * it can be made again.
 */
export class AgentState {
  readonly #book: Book;
  readonly #requests = new Requests();
  readonly #reserve: Reserve;
  readonly #stays: Stays;
  readonly #sights: Sights;
  readonly #inUse: 'in-use' | 'behind-node';

  constructor(options: AgentStateOptions) {
    const { node, bootId, now, records = [], lost = 'nothing', onChange } = options;
    const table = new Table({ node, bootId, serial: 0 });
    for (const write of records) {
      table.apply(write);
    }
    this.#book = new Book(table, now, onChange);
    this.#reserve = new Reserve(this.#book, this.#requests, options.reserve);
    this.#stays = new Stays(this.#book);
    this.#sights = new Sights(this.#book, this.#stays, lost !== 'nothing');
    this.#inUse = options.inUse ?? 'in-use';
    this.#begin(bootId, lost, now);
  }

  /** All records, from which the same state is made again. */
  records(): Write[] {
    return [...this.#book.table.all()];
  }

  /** An address of each family for an attachment, out of the reserve; the same again for one that has some. */
  take(request: AllocationRequest, now: number, requestId?: string): Taken {
    const name = attachmentName(request);
    const living = this.#stays.livingOf(request);
    if (living?.allocation !== undefined) {
      const { allocation, isProbed } = living;
      return { is: 'given', allocation, created: false, isProbed };
    }
    const steady = this.#book.clock.steady(now);
    this.#requests.forget(steady);
    const why = whyNotAny(request, this.#book.table.constraints);
    if (why !== undefined) {
      return this.#leave(request, why, steady);
    }
    const picked = pick(request, this.#reserve.at(now));
    if (picked.is === 'ask') {
      this.#requests.waitsNoMore(name);
      return picked;
    }
    if (picked.is === 'wait' || !this.#sights.isEnough) {
      const subnets = picked.is === 'wait' ? picked.subnets.map(({ subnet }) => subnet) : [];
      this.#requests.wait(name, subnets, steady);
      return { is: 'wait' };
    }
    const allocation = allocationOf(
      `${this.#book.table.self.node}/${this.#book.table.self.serial + 1}`,
      picked,
    );
    this.#book.commit([
      ...this.#stays.begun(request, allocation, { isProbed: true, ...idOf(requestId) }, now),
      ...picked.warm.map(({ address }): Write => ({ kind: 'warm', name: bare(address), record: null })),
    ]);
    this.#requests.waitsNoMore(name);
    for (const { subnet } of picked.warm) {
      this.#requests.taken(subnet, steady);
    }
    return { is: 'given', allocation, created: true, isProbed: true };
  }

  /**
   * Leaves a request to the server. It lets a node name what the node's own reserve holds, so that what is named is
   * not in it any more; and what a pod has got out of it the server has to hear first.
   */
  #leave(request: AllocationRequest, why: string, steady: number): Taken {
    const { table } = this.#book;
    const named = (request.addresses ?? []).map((address) => Ip.parse(address).toString());
    const isUntold = named.some((address) => {
      const holder = table.holderOf(address);
      return holder !== undefined && boundBy(holder).includes(address);
    });
    if (isUntold) {
      this.#requests.wait(attachmentName(request), [], steady);
      return { is: 'wait' };
    }
    const held = named.filter((address) => table.warm.has(address));
    this.#book.commit(held.map((name) => ({ kind: 'warm', name, record: null })));
    return { is: 'ask', why };
  }

  /** Nobody waits for this any more. */
  waitsNoMore(key: AttachmentKey): void {
    this.#requests.waitsNoMore(attachmentName(key));
  }

  /** The server gave it by itself. */
  forwarded(request: AllocationRequest, allocation: Allocation, now: number, requestId?: string): void {
    this.#requests.waitsNoMore(attachmentName(request));
    const writes = this.#stays.forwarded(request, allocation, idOf(requestId), now);
    const held = addressesOf({ allocation }).filter((address) => this.#book.table.warm.has(address));
    this.#book.commit([...writes, ...held.map((name): Write => ({ kind: 'warm', name, record: null }))]);
  }

  /** Of the last attachment that began: a DEL that is written down means none after it. */
  get serial(): number {
    return this.#book.table.self.serial;
  }

  /** A DEL: reports whether the attachment was known. The server is told in any case. */
  end(key: AttachmentKey, now: number, bounds: EndBounds = {}): boolean {
    this.#requests.waitsNoMore(attachmentName(key));
    this.#sights.ended(key, now);
    return this.#stays.end(key, bounds, now);
  }

  /** Reports whether the server is yet to be told of an end: until then its line stays in the journal. */
  isTelling(key: AttachmentKey): boolean {
    return this.#stays.isTelling(key);
  }

  /**
   * The body of PUT /v1/nodes/{node}/reserve. Only after a sync: what isn't held is let go, and an agent that has lost
   * its file doesn't know what its pods have.
   *
   * @param waiting how many pods wait for an address
   */
  reserveRequest(now: number, waiting: number): ReserveRequest {
    this.#requests.forget(waiting === 0 ? Number.POSITIVE_INFINITY : this.#book.clock.steady(now));
    return this.#reserve.at(now).request();
  }

  /** Takes the answer to the last `reserveRequest` in. An answer to an earlier one is nothing: it may be outdated. */
  granted(answer: ReserveAnswer, now: number, request: ReserveRequest): void {
    if (this.#isNewEpoch(answer.epoch)) {
      this.newEpoch(answer.epoch);
      return;
    }
    this.#reserve.at(now).granted(answer, request);
  }

  /** Reports whether this is the ledger's present life, and these are the pods that the reserve is not for. */
  isCurrent(epoch: number, constraints: string | undefined): boolean {
    const { table } = this.#book;
    return (
      !this.#isNewEpoch(epoch) && (constraints ?? table.constraints?.version) === table.constraints?.version
    );
  }

  /** Reports whether the server is to be asked for more at once. */
  isLow(now: number): boolean {
    return this.#reserve.at(now).isLow;
  }

  /** How many addresses of each subnet could be given without the server. */
  supply(now: number): Supply[] {
    return this.#reserve.at(now).supply();
  }

  /** Addresses to probe in full, those first for which a pod waits. */
  toProbe(now: number): { ip: Ip; isUrgent: boolean }[] {
    return this.#reserve.at(now).toProbe();
  }

  /** The VLAN that an address of the reserve is on; undefined: untagged. */
  vlanOf(ip: Ip): number | undefined {
    return this.#book.table.warm.get(ip.toString())?.vlan;
  }

  /** How many nodes the zone has, as far as is known. */
  get nodes(): number {
    return this.#book.table.self.nodes ?? 1;
  }

  /** A full probe has ended. */
  probed(ip: Ip, claim: Claim | undefined, now: number): void {
    this.#reserve.at(now).probed(ip.toString(), claim);
  }

  /** Ready addresses that are next to be given and were last checked long ago. */
  toRecheck(now: number): Ip[] {
    return this.#reserve.at(now).toRecheck();
  }

  /** These were asked for once more; who has some of them. */
  rechecked(ips: readonly Ip[], claims: readonly Claim[], now: number): void {
    const claimed = new Map(claims.map(({ ip, mac }) => [ip.toString(), mac]));
    for (const ip of ips) {
      const mac = claimed.get(ip.toString());
      if (mac === undefined) {
        this.#reserve.at(now).rechecked(ip.toString());
      } else {
        this.#reserve.at(now).claimed(ip.toString(), mac.toString());
      }
    }
  }

  /** Somebody else on the network claims an address: what it is to this node. */
  claimed(ip: Ip, mac: Mac, now: number): Watched | undefined {
    const address = ip.toString();
    if (this.#reserve.at(now).claimed(address, mac.toString())) {
      return 'reserve';
    }
    return this.#stays.claimed(address, mac.toString(), now) ? this.#inUse : undefined;
  }

  /** Claims on addresses of pods, in use at the time, that the server is yet to be told of. */
  claimsToTell(): ClaimRecord[] {
    return this.#stays.claims();
  }

  claimTold(claim: ClaimRecord): void {
    this.#stays.claimTold(claim);
  }

  /** What to listen for. */
  watched(): ReadonlyMap<string, Watched> {
    const { warm, living } = this.#book.table;
    const watched = new Map<string, Watched>([...warm.keys()].map((address) => [address, 'reserve']));
    for (const address of [...this.#sights.shown, ...[...living.values()].flatMap(addressesOf)]) {
      watched.set(address, this.#inUse);
    }
    return watched;
  }

  /** What the server is to be told now: items for one `:batch`. When all are answered there may be more. */
  outbox(now: number): Outgoing[] {
    return this.#stays.outbox(now);
  }

  /** The server has answered an item; what an admin should hear of it. */
  told(outgoing: Outgoing, answer: OutgoingAnswer, now: number): Trouble | undefined {
    return this.#stays.told(outgoing, answer, now);
  }

  /** To be called when a look at the node begins. */
  look(now: number): Look {
    return this.#sights.begin(now);
  }

  /** Reports whether the next look should come soon, and be a whole one: somebody may be gone, or back. */
  get isInDoubt(): boolean {
    return this.#sights.isInDoubt;
  }

  /** Takes a look's result in. Attachments that were missing twice have ended: they are returned. */
  sighted(sight: Sight, look: Look, now: number): AttachmentKey[] {
    const ended = this.#sights.taken(sight, look, now);
    this.#reserve.shows(this.#sights.shown);
    return ended;
  }

  /**
   * The body of POST /v1/nodes/{node}:sync, after `sighted` has taken the same sight in.
   *
   * @param own the node's own addresses
   */
  syncRequest(sight: Sight, look: Look, own?: readonly string[]): SyncRequest {
    return { ...this.#sights.report(sight, look), ...(own === undefined ? {} : { addresses: [...own] }) };
  }

  /** Takes the answer to a sync in. */
  synced(answer: SyncAnswer, now: number): Synced {
    if (this.#isNewEpoch(answer.epoch)) {
      this.newEpoch(answer.epoch);
    }
    this.#sights.synced(answer, now);
    return { revoked: answer.revoked, conflicts: answer.conflicts };
  }

  /** The ledger began another life: what it had put aside isn't any more. Who lives, lives. */
  newEpoch(epoch: number): void {
    const { reserveAsOf: _, heardAsOf: __, ...self } = this.#book.table.self;
    this.#book.commit([{ kind: 'self', record: { ...self, epoch } }, ...this.#reserve.drop()]);
  }

  /** The node is fenced (NODE_FENCED): its reserve was taken back. A sync comes next. */
  fenced(): void {
    this.#book.commit(this.#reserve.drop());
  }

  /** The living attachments, as GET /v1/allocations lists them. */
  listed(): ListedAllocation[] {
    return this.#stays.listed();
  }

  status(): AgentStatus {
    const { self, warm, subnets } = this.#book.table;
    return {
      node: self.node,
      reserve: [...warm].map(([address, { subnet, state, checkedAt }]) => ({
        address,
        subnet,
        state,
        ...(checkedAt === undefined ? {} : { probedAt: new Date(checkedAt).toISOString() }),
      })),
      subnets: subnets.map(({ subnet }) => subnet),
      attachments: this.#sights.alive,
      untold: this.#stays.untold,
      ...(self.syncedAt === undefined ? {} : { lastSync: new Date(self.syncedAt).toISOString() }),
      conflicts: this.#stays.conflicts(),
    };
  }

  /** What lived before the node started again lives no more; the reserve stays. */
  #begin(bootId: string, lost: Lost, now: number): void {
    const { self, living } = this.#book.table;
    if (lost === 'lines') {
      // A lost line may have given one of these away.
      this.#book.commit(this.#reserve.drop());
    }
    if (self.bootId !== bootId) {
      const ended = [...living.values()].map((stay) => this.#stays.ended(stay, now));
      // A power cut may have taken numbers along that the journal names.
      const serial = self.serial + 1_000_000;
      this.#book.commit([this.#book.self({ bootId, serial }), ...ended]);
    }
    for (const { isProbed, allocation, at } of this.#book.table.stays.values()) {
      for (const { subnet } of isProbed ? (allocation?.ips ?? []) : []) {
        this.#requests.taken(subnet, at);
      }
    }
  }

  #isNewEpoch(epoch: number): boolean {
    const known = this.#book.table.self.epoch;
    return known !== undefined && known !== epoch;
  }
}

function idOf(requestId: string | undefined): { readonly requestId?: string } {
  return requestId === undefined ? {} : { requestId };
}
