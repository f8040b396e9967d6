import type { Reservation } from '../../../schema/reservation.ts';
import { Deadlines } from './deadlines.ts';
import type { ReservationRecord } from './record.ts';

/** A reservation with its name. */
export interface NamedReservation {
  readonly name: string;
  readonly reservation: ReservationRecord;
}

/** The reservations, found by name, address, pod and owner. An address is in one of them at most. */
export class Reservations {
  readonly #byName = new Map<string, ReservationRecord>();
  readonly #byAddress = new Map<string, string>();
  readonly #byHolder = new Map<string, Set<string>>();
  readonly #ends = new Deadlines();
  readonly #unsettled = new Set<string>();
  #edits = 0;

  /** Counts the changes: what was derived from the reservations holds while it stays. */
  get edits(): number {
    return this.#edits;
  }

  get byName(): ReadonlyMap<string, ReservationRecord> {
    return this.#byName;
  }

  get addressCount(): number {
    return this.#byAddress.size;
  }

  addresses(): Iterable<string> {
    return this.#byAddress.keys();
  }

  ofAddress(address: string): NamedReservation | undefined {
    const name = this.#byAddress.get(address);
    return name === undefined ? undefined : this.#named(name);
  }

  /** Those for one pod, by name. */
  ofPod({ namespace, name }: NonNullable<Reservation['pod']>): NamedReservation[] {
    return this.#ofHolder(podKey(namespace, name));
  }

  /** Those for a workload's pods, by name. */
  ofOwner({ namespace, kind, name }: NonNullable<Reservation['owner']>): NamedReservation[] {
    return this.#ofHolder(ownerKey(namespace, kind, name));
  }

  /** The one that ends first, and when (milliseconds since 1970). */
  get firstEnd(): { readonly name: string; readonly at: number } | undefined {
    return this.#ends.first;
  }

  /** A sticky one that may have gained or lost a holder since it was last settled. */
  get unsettled(): NamedReservation | undefined {
    for (const name of this.#unsettled) {
      const found = this.#named(name);
      if (found?.reservation.sticky !== undefined) {
        return found;
      }
      this.#unsettled.delete(name);
    }
    return undefined;
  }

  /** Tells that a sticky one is as its holders want it. */
  settled(name: string): void {
    this.#unsettled.delete(name);
  }

  /** Tells that an address was allocated or released. */
  touched(address: string): void {
    const name = this.#byAddress.get(address);
    if (name !== undefined && this.#byName.get(name)?.sticky !== undefined) {
      this.#unsettled.add(name);
    }
  }

  put(name: string, record: ReservationRecord | null): void {
    this.#edits++;
    const end = record?.spec.expiresAt;
    this.#ends.set(name, end === undefined ? undefined : Date.parse(end));
    if (record?.sticky !== undefined) {
      this.#unsettled.add(name);
    }
    const before = this.#byName.get(name);
    if (before !== undefined) {
      this.#byName.delete(name);
      for (const address of before.spec.addresses) {
        this.#byAddress.delete(address);
      }
      for (const key of holderKeys(before.spec)) {
        this.#byHolder.get(key)?.delete(name);
        if (this.#byHolder.get(key)?.size === 0) {
          this.#byHolder.delete(key);
        }
      }
    }
    if (record !== null) {
      this.#byName.set(name, record);
      for (const address of record.spec.addresses) {
        this.#byAddress.set(address, name);
      }
      for (const key of holderKeys(record.spec)) {
        this.#byHolder.set(key, (this.#byHolder.get(key) ?? new Set()).add(name));
      }
    }
  }

  #ofHolder(key: string): NamedReservation[] {
    return [...(this.#byHolder.get(key) ?? [])].sort().flatMap((name) => this.#named(name) ?? []);
  }

  #named(name: string): NamedReservation | undefined {
    const reservation = this.#byName.get(name);
    return reservation && { name, reservation };
  }
}

// Kubernetes names hold no slash, so the keys of pods and owners never meet.
const podKey = (namespace: string, name: string) => `pod/${namespace}/${name}`;
const ownerKey = (namespace: string, kind: string, name: string) => `owner/${namespace}/${kind}/${name}`;

function holderKeys({ pod, owner }: Reservation): string[] {
  return [
    ...(pod === undefined ? [] : [podKey(pod.namespace, pod.name)]),
    ...(owner === undefined ? [] : [ownerKey(owner.namespace, owner.kind, owner.name)]),
  ];
}
