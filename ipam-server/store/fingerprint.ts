import { createHash } from 'node:crypto';
import type { Entry, StoredEvent } from './store.ts';

const modulus = 2n ** 128n;

/** What records and events say, in one number: the same whichever store they are in, and in whatever order they come. */
export class Fingerprint {
  #records = 0;
  #events = 0;
  #sum = 0n;

  get records(): number {
    return this.#records;
  }

  get events(): number {
    return this.#events;
  }

  addRecord([key, value]: Entry): void {
    this.#records++;
    this.#add(JSON.stringify(['record', key]), value);
  }

  addEvent({ id, time, addresses, text }: StoredEvent): void {
    this.#events++;
    this.#add(JSON.stringify(['event', id, time, addresses]), text);
  }

  /** 32 hexadecimal digits. */
  get text(): string {
    return this.#sum.toString(16).padStart(32, '0');
  }

  equals(other: Fingerprint): boolean {
    return this.#records === other.#records && this.#events === other.#events && this.#sum === other.#sum;
  }

  #add(head: string, text: string): void {
    const digest = createHash('sha256').update(`${head}\n`).update(text).digest();
    const number = (digest.readBigUInt64BE(0) << 64n) | digest.readBigUInt64BE(8);
    this.#sum = (this.#sum + number) % modulus;
  }
}
