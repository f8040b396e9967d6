import { randomBytes } from 'node:crypto';
import type { EtcdConnection } from './connection.ts';

/** Seconds that a leader is believed without a word; etcd gives no less than 2 with its usual election timeout. */
const usual = 3;

/** Milliseconds between two words of it, and for each to be answered. */
const beat = 700;

/** A lease of etcd's that is kept alive until it is lost or ended. */
export class Lease {
  readonly id: string;
  /** Kept when it is lost, with the reason. */
  readonly lost: Promise<string>;
  readonly #connection: EtcdConnection;
  readonly #ttl: number;
  #lose: (reason: string) => void = () => {};
  #validUntil: number;
  #isOver = false;
  #last = 'nothing was answered';

  private constructor(connection: EtcdConnection, id: string, ttl: number, asked: number) {
    this.#connection = connection;
    this.id = id;
    this.#ttl = ttl;
    this.#validUntil = asked + ttl * 1_000;
    this.lost = new Promise((resolve) => {
      this.#lose = resolve;
    });
    void this.#keep();
  }

  /** @param ttl seconds after which it ends without a word @throws Problem STORE_UNAVAILABLE */
  static async grant(connection: EtcdConnection, ttl = usual): Promise<Lease> {
    // Chosen here, so that a request that is sent twice makes no second lease. 62 bits: an int64, never 0.
    const id = String((randomBytes(8).readBigUInt64BE() >> 2n) | 1n);
    const asked = performance.now();
    try {
      await connection.call('Lease', 'LeaseGrant', { TTL: ttl, ID: id }, ttl * 1_000);
    } catch (error) {
      if (!(error instanceof Error && error.message.includes('lease already exists'))) {
        throw error;
      }
    }
    return new Lease(connection, id, ttl, asked);
  }

  /** Reports whether etcd can't have ended it yet, by this machine's clock that never goes back. */
  get isValid(): boolean {
    return !this.#isOver && performance.now() < this.#validUntil;
  }

  /** Counts it as lost, because what hung on it is gone. */
  forfeit(reason: string): void {
    if (!this.#isOver) {
      this.#end(reason);
    }
  }

  /** Ends it at once; what hangs on it goes. */
  async revoke(): Promise<void> {
    this.#isOver = true;
    await this.#connection.call('Lease', 'LeaseRevoke', { ID: this.id }, beat);
  }

  async #keep(): Promise<void> {
    while (!this.#isOver) {
      const started = performance.now();
      await this.#beat(started);
      if (!this.#isOver && performance.now() >= this.#validUntil) {
        this.#end(`its lease of ${this.#ttl} s has ended: ${this.#last}`);
      }
      const rest = beat - (performance.now() - started);
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, rest)).unref());
    }
  }

  async #beat(asked: number): Promise<void> {
    try {
      const { TTL } = await this.#connection.exchange<{ TTL: string }>(
        'Lease',
        'LeaseKeepAlive',
        { ID: this.id },
        beat,
      );
      if (Number(TTL) > 0) {
        this.#validUntil = asked + Number(TTL) * 1_000;
      } else if (!this.#isOver) {
        this.#end('etcd has ended its lease');
      }
    } catch (error) {
      this.#last = error instanceof Error ? error.message : String(error);
    }
  }

  #end(reason: string): void {
    this.#isOver = true;
    this.#lose(reason);
  }
}
