import type { Constraints, ReserveSubnet } from '../../../schema/reserve.ts';
import {
  addressesOf,
  attachmentName,
  type SelfRecord,
  type StayRecord,
  type WarmRecord,
  type Write,
} from './record.ts';

/** The agent's records with the indexes that its decisions need: a function of the writes. */
export class Table {
  self: SelfRecord;
  subnets: readonly ReserveSubnet[] = [];
  constraints: Constraints | undefined;
  /** By address. */
  readonly warm = new Map<string, WarmRecord>();
  /** By serial, oldest first. */
  readonly stays = new Map<string, StayRecord>();
  /** Those that haven't ended, by the attachment's name. */
  readonly living = new Map<string, StayRecord>();
  /** Which stay has an address, or had it and the server doesn't know of its end. */
  readonly #holders = new Map<string, string>();

  constructor(self: SelfRecord) {
    this.self = self;
  }

  apply(write: Write): void {
    switch (write.kind) {
      case 'self':
        this.self = write.record;
        return;
      case 'subnets':
        this.subnets = write.record;
        return;
      case 'constraints':
        this.constraints = write.record ?? undefined;
        return;
      case 'warm':
        put(this.warm, write.name, write.record);
        return;
      case 'stay':
        this.#putStay(write.name, write.record);
        return;
    }
  }

  /** All that is known, as writes. */
  *all(): Generator<Write> {
    yield { kind: 'self', record: this.self };
    yield { kind: 'subnets', record: this.subnets };
    yield { kind: 'constraints', record: this.constraints ?? null };
    for (const [name, record] of this.warm) {
      yield { kind: 'warm', name, record };
    }
    for (const [name, record] of this.stays) {
      yield { kind: 'stay', name, record };
    }
  }

  /** The stay that an address is bound to. */
  holderOf(address: string): StayRecord | undefined {
    const serial = this.#holders.get(address);
    return serial === undefined ? undefined : this.stays.get(serial);
  }

  #putStay(name: string, record: StayRecord | null): void {
    const before = this.stays.get(name);
    if (before !== undefined) {
      const key = attachmentName(before);
      if (this.living.get(key)?.serial === before.serial) {
        this.living.delete(key);
      }
      for (const address of addressesOf(before)) {
        if (this.#holders.get(address) === name) {
          this.#holders.delete(address);
        }
      }
    }
    put(this.stays, name, record);
    if (record !== null && record.endedAt === undefined) {
      this.living.set(attachmentName(record), record);
    }
    for (const address of record === null ? [] : addressesOf(record)) {
      this.#holders.set(address, name);
    }
  }
}

function put<Value>(map: Map<string, Value>, name: string, value: Value | null): void {
  if (value === null) {
    map.delete(name);
  } else {
    map.set(name, value);
  }
}
