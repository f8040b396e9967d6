import { Ip } from '../../core/address/ip.ts';
import { Range } from '../../core/address/range.ts';
import { Problem } from '../../core/problem/problem.ts';
import { takeConflict } from '../../ipam-server/ledger/addresses/conflict.ts';
import { mapOf } from '../../ipam-server/ledger/addresses/usage.ts';
import { allocate } from '../../ipam-server/ledger/allocation/allocate.ts';
import { release } from '../../ipam-server/ledger/allocation/release.ts';
import { giveBackBlocks } from '../../ipam-server/ledger/auto/give-back.ts';
import type { Each } from '../../ipam-server/ledger/command.ts';
import type { Decision } from '../../ipam-server/ledger/decision.ts';
import type { Asked } from '../../ipam-server/ledger/edits/edit.ts';
import { deleteNode, putNode } from '../../ipam-server/ledger/edits/node-edits.ts';
import { deleteRange, putRange } from '../../ipam-server/ledger/edits/range-edits.ts';
import { putReservation } from '../../ipam-server/ledger/edits/reservation-edits.ts';
import { putSubnet } from '../../ipam-server/ledger/edits/subnet-edits.ts';
import { putZone } from '../../ipam-server/ledger/edits/zone-edits.ts';
import { changesOf } from '../../ipam-server/ledger/events/changes.ts';
import type { Change } from '../../ipam-server/ledger/events/event.ts';
import { putReserve } from '../../ipam-server/ledger/nodes/reserve.ts';
import { syncNode } from '../../ipam-server/ledger/nodes/sync.ts';
import { Ledger } from '../../ipam-server/ledger/state/ledger.ts';
import { keyOf, type Write } from '../../ipam-server/ledger/state/record.ts';
import { upkeep } from '../../ipam-server/ledger/upkeep/upkeep.ts';
import { ledgerOf } from '../../ipam-server/store/load.ts';
import type { AddressState, MapCell } from '../../schema/address.ts';
import type { AllocationRequest, AttachmentKey } from '../../schema/allocation.ts';
import type { LiveAttachment, SyncAnswer, SyncRequest } from '../../schema/node-sync.ts';
import type { AddressRange } from '../../schema/range.ts';
import type { Reservation } from '../../schema/reservation.ts';
import type { ReserveRequest } from '../../schema/reserve.ts';
import type { Subnet } from '../../schema/subnet.ts';

/** Milliseconds. */
export const cooldown = 10_000;

/** The attachment of a container by number. */
export const attachment = (n: number): AttachmentKey => ({
  network: 'net',
  containerId: `c${n}`,
  ifname: 'eth0',
});

/** A small ledger with its records beside it, as a store would have them; clock and ids are its own. */
export class LedgerTrial {
  readonly ledger = new Ledger();
  readonly records = new Map<string, string>();
  /** What was told of each decision, oldest first. */
  readonly changes: Change[] = [];
  #now = 1_000_000;
  #ids = 0;

  constructor() {
    this.#do(putZone(this.ledger, 'real', { type: 'macvlan' }, {}));
    this.addSubnet('four', '10.9.0.0/28');
    this.addSubnet('six', 'fd00:9::/124');
    this.addRange('shared', { subnet: 'four', start: '10.9.0.0', end: '10.9.0.5' });
    this.addRange('own', { subnet: 'four', start: '10.9.0.8', end: '10.9.0.10', node: 'n1' });
    this.addRange('six', { subnet: 'six', start: 'fd00:9::', end: 'fd00:9::9' });
    for (const node of ['n1', 'n2']) {
      this.addNode(node);
    }
  }

  addNode(name: string): void {
    this.#do(putNode(this.ledger, name, { zone: 'real' }, {}, this.now));
  }

  /** A zone with one node. */
  addZone(name: string, node: string): void {
    this.#do(putZone(this.ledger, name, { type: 'macvlan' }, {}));
    this.#do(putNode(this.ledger, node, { zone: name }, {}, this.now));
  }

  /** @throws Problem */
  removeNode(name: string): void {
    this.#do(deleteNode(this.ledger, name, {}, this.now));
  }

  /** How many blocks go back. */
  giveBack(): number {
    return this.#do(giveBackBlocks(this.ledger, this.now));
  }

  /** Makes or edits a subnet; @throws Problem */
  addSubnet(name: string, cidr: string, more: Partial<Subnet> = {}, asked: Asked = {}): void {
    const spec = { zone: 'real', cidr, cooldownSeconds: cooldown / 1000, ...more };
    this.#do(putSubnet(this.ledger, name, spec, asked));
  }

  /** Makes or edits a range; @throws Problem */
  addRange(name: string, range: AddressRange, asked: Asked = {}): void {
    this.#do(putRange(this.ledger, name, range, asked));
  }

  /** @throws Problem */
  removeRange(name: string, asked: Asked = {}): void {
    this.#do(deleteRange(this.ledger, name, asked));
  }

  get now(): number {
    return this.#now;
  }

  /** Time goes by, and the ledger does what has come due. */
  set now(now: number) {
    this.#now = now;
    this.#keepUp();
  }

  /** The addresses given, or the problem's code. */
  allocate(request: AllocationRequest): string[] | string {
    return codeOr(() => {
      const moment = { now: this.now, id: `id-${++this.#ids}` };
      const { allocation } = this.#do(allocate(this.ledger, request, moment));
      return allocation.ips.map(({ address }) => address.replace(/\/.*/, ''));
    });
  }

  /** Makes or edits a reservation: undefined, or the problem's code. */
  putReservation(name: string, spec: Reservation): string | undefined {
    return codeOr(() => {
      this.#do(putReservation(this.ledger, name, spec, {}, this.now));
      return undefined;
    });
  }

  /** Reports whether there was something to release. */
  release(key: AttachmentKey, generation?: number): boolean {
    const bounds = generation === undefined ? {} : { generation };
    return this.#do(release(this.ledger, key, bounds, { now: this.now })) !== null;
  }

  /** Reports that somebody else uses an address; the state that it is in from then on. */
  conflict(address: string, node: string, key?: AttachmentKey): AddressState {
    const report = { node, mac: '02:00:00:00:00:66', ...key };
    const moment = { now: this.now };
    return this.#do(takeConflict(this.ledger, Ip.parse(address), report, {}, moment)).report.state;
  }

  /** Does a part of a command, as the keeper does in one commit. */
  readonly step: Each = (decide) => this.#do(decide(this.ledger, { now: this.now, id: `id-${++this.#ids}` }));

  /** Reports what lives on a node. */
  sync(node: string, attachments: readonly LiveAttachment[], more: Partial<SyncRequest> = {}): SyncAnswer {
    return syncNode(this.step, node, { attachments: [...attachments], ...more }).answer;
  }

  /** Tells of a node's reserve; the addresses that it may give, and those that it is to let go. */
  reserve(node: string, request: ReserveRequest): { addresses: string[]; recall: readonly string[] } {
    const { addresses, recall } = putReserve(this.step, node, request).answer;
    return { addresses: addresses.map(({ address }) => address.replace(/\/.*/, '')), recall };
  }

  /** Puts a record as it is. */
  write(write: Write): void {
    this.#do({ writes: [write], answer: null });
  }

  /** Puts several in one commit. */
  writeAll(writes: readonly Write[]): void {
    this.#do({ writes, answer: null });
  }

  /** Every address that a range may give, with its state. */
  cells(): MapCell[] {
    const { ledger, now } = this;
    return [...ledger.networks.values()].flatMap(
      (network) => mapOf(ledger, network, now, 1000, undefined).items,
    );
  }

  /** Reports whether an enabled range that a node may use has an address. */
  givesTo(node: string, address: string): boolean {
    const ip = Ip.parse(address);
    return [...this.ledger.ranges.values()].some(
      ({ spec }) =>
        spec.disabled !== true &&
        (spec.node === undefined || spec.node === node) &&
        new Range(Ip.parse(spec.start), Ip.parse(spec.end)).contains(ip),
    );
  }

  /** The addresses that are free for a node. */
  freeFor(node: string): string[] {
    return this.cells()
      .filter(({ state, address }) => state === 'free' && this.givesTo(node, address))
      .map(({ address }) => address);
  }

  /** The ledger that a restarted server would have. */
  restarted(): Ledger {
    return ledgerOf([...this.records], this.now);
  }

  #do<Answer>(decision: Decision<Answer>): Answer {
    const { writes, answer } = decision;
    this.changes.push(...changesOf(this.ledger, decision, this.now));
    for (const write of writes) {
      this.ledger.apply(write);
      if (write.record === null) {
        this.records.delete(keyOf(write));
      } else {
        this.records.set(keyOf(write), JSON.stringify(write.record));
      }
    }
    this.#keepUp();
    return answer;
  }

  #keepUp(): void {
    const due = upkeep(this.ledger, this.#now);
    if (due !== null) {
      this.#do(due);
    }
  }
}

function codeOr<Answer>(act: () => Answer): Answer | string {
  try {
    return act();
  } catch (error) {
    if (error instanceof Problem) {
      return error.code;
    }
    throw error;
  }
}
