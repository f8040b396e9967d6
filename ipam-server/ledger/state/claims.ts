import type { AgentRecord, ReservationRecord, WarmRecord } from './record.ts';
import { Reservations } from './reservations.ts';

/** What keeps an address from being given to just anybody who asks. */
export type Claim =
  | { readonly by: 'warm'; readonly warm: WarmRecord }
  | { readonly by: 'reservation'; readonly name: string; readonly reservation: ReservationRecord }
  | { readonly by: 'node'; readonly node: string };

/** How a claimed address counts. */
export type ClaimedState = 'warm' | 'reserved';

/** The addresses that are claimed without being allocated: reservations, reserves of nodes, nodes' own. */
export class Claims {
  readonly reservations = new Reservations();
  readonly #agents = new Map<string, AgentRecord>();
  readonly #warm = new Map<string, WarmRecord>();
  readonly #warmByNode = new Map<string, Set<string>>();
  readonly #nodesByAddress = new Map<string, string[]>();

  /** The claim on an address (in canonical form) that counts: a reserve's hold comes before all others. */
  of(address: string): Claim | undefined {
    const warm = this.#warm.get(address);
    if (warm !== undefined) {
      return { by: 'warm', warm };
    }
    const reserved = this.reservations.ofAddress(address);
    if (reserved !== undefined) {
      return { by: 'reservation', ...reserved };
    }
    const node = this.nodeOf(address);
    return node === undefined ? undefined : { by: 'node', node };
  }

  /** The node whose own an address is. */
  nodeOf(address: string): string | undefined {
    return this.#nodesByAddress.get(address)?.[0];
  }

  /** How an address counts by its claims; undefined without one. */
  stateOf(address: string): ClaimedState | undefined {
    if (this.#warm.has(address)) {
      return 'warm';
    }
    const isReserved =
      this.reservations.ofAddress(address) !== undefined || this.#nodesByAddress.has(address);
    return isReserved ? 'reserved' : undefined;
  }

  /** Every claimed address, some of them more than once. */
  *addresses(): Iterable<string> {
    yield* this.#warm.keys();
    yield* this.reservations.addresses();
    yield* this.#nodesByAddress.keys();
  }

  /** At least as many as there are claimed addresses. */
  get size(): number {
    return this.#warm.size + this.reservations.addressCount + this.#nodesByAddress.size;
  }

  warm(address: string): WarmRecord | undefined {
    return this.#warm.get(address);
  }

  allWarm(): Iterable<readonly [address: string, record: WarmRecord]> {
    return this.#warm;
  }

  /** The addresses that a node's reserve holds. */
  warmOf(node: string): Iterable<string> {
    return this.#warmByNode.get(node) ?? [];
  }

  agent(node: string): AgentRecord | undefined {
    return this.#agents.get(node);
  }

  /** The nodes that have an address as their own; more than one is a conflict between them. */
  nodesWith(address: string): readonly string[] {
    return this.#nodesByAddress.get(address) ?? [];
  }

  agents(): Iterable<readonly [node: string, record: AgentRecord]> {
    return this.#agents;
  }

  putWarm(address: string, record: WarmRecord | null): void {
    const before = this.#warm.get(address);
    if (before !== undefined) {
      this.#warm.delete(address);
      const held = this.#warmByNode.get(before.node);
      held?.delete(address);
      if (held?.size === 0) {
        this.#warmByNode.delete(before.node);
      }
    }
    if (record !== null) {
      this.#warm.set(address, record);
      const held = this.#warmByNode.get(record.node) ?? new Set();
      this.#warmByNode.set(record.node, held.add(address));
    }
  }

  putAgent(node: string, record: AgentRecord | null): void {
    for (const address of this.#agents.get(node)?.addresses ?? []) {
      const others = (this.#nodesByAddress.get(address) ?? []).filter((each) => each !== node);
      if (others.length === 0) {
        this.#nodesByAddress.delete(address);
      } else {
        this.#nodesByAddress.set(address, others);
      }
    }
    if (record === null) {
      this.#agents.delete(node);
      return;
    }
    this.#agents.set(node, record);
    for (const address of record.addresses) {
      this.#nodesByAddress.set(address, [...(this.#nodesByAddress.get(address) ?? []), node]);
    }
  }
}
