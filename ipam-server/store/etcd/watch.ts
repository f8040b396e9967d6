import type { ClientDuplexStream, ServiceError } from '@grpc/grpc-js';
import type { EtcdConnection } from './connection.ts';
import { afterAll } from './layout.ts';
import type { RangeResponse, WatchEvent, WatchResponse } from './messages.ts';

/** What a watch tells; events of one revision come together, in the order in which they were written. */
export interface WatchDoors {
  readonly take: (events: readonly WatchEvent[], revision: string) => void;
  /** What was missed can't be told any more: it must be read anew. */
  readonly lost: (reason: string) => void;
  /** The same, because etcd is in an earlier state than what is known. */
  readonly putBack: (reason: string) => void;
}

/** Milliseconds before a watch that broke is begun again. */
const pause = 200;

/** All changes under a prefix from a revision on, whichever member tells them. */
export class PrefixWatch {
  readonly #connection: EtcdConnection;
  readonly #prefix: string;
  readonly #doors: WatchDoors;
  #next: bigint;
  #stream: ClientDuplexStream<object, WatchResponse> | null = null;
  /** Of a revision whose other events are still to come. */
  #begun: WatchEvent[] = [];
  #isOver = false;

  /** @param after the revision that is known */
  constructor(connection: EtcdConnection, prefix: string, after: string, doors: WatchDoors) {
    this.#connection = connection;
    this.#prefix = prefix;
    this.#doors = doors;
    this.#next = BigInt(after) + 1n;
    void this.#begin();
  }

  stop(): void {
    this.#isOver = true;
    this.#stream?.cancel();
  }

  async #begin(): Promise<void> {
    if (this.#isOver) {
      return;
    }
    this.#begun = [];
    try {
      if (await this.#isPutBack()) {
        return;
      }
      const stream = await this.#connection.stream<object, WatchResponse>('Watch', 'Watch');
      this.#stream = stream;
      stream.on('data', (response: WatchResponse) => this.#take(stream, response));
      stream.on('error', (_error: ServiceError) => this.#again(stream));
      stream.on('end', () => this.#again(stream));
      stream.write({
        create_request: {
          key: this.#prefix,
          range_end: afterAll(this.#prefix),
          // From what is known already: from the one after it, an etcd before 3.4.34 or 3.5.15 may leave out what was
          // deleted there and compacted since (etcd-io/etcd#18089). So it says that it has compacted it.
          start_revision: String(this.#next - 1n),
          fragment: true,
        },
      });
    } catch {
      this.#again(null);
    }
  }

  /** An etcd restored from a copy counts its revisions from there: what is known of later ones has never been. */
  async #isPutBack(): Promise<boolean> {
    const { header } = await this.#connection.call<RangeResponse>('KV', 'Range', { key: this.#prefix });
    if (BigInt(header.revision) + 1n >= this.#next) {
      return false;
    }
    this.#isOver = true;
    this.#doors.putBack(`etcd was put back to revision ${header.revision}, before ${this.#next - 1n}`);
    return true;
  }

  #take(stream: object, response: WatchResponse): void {
    if (stream !== this.#stream || this.#isOver) {
      return;
    }
    if (response.canceled) {
      if (response.compact_revision !== '0') {
        this.#isOver = true;
        this.#doors.lost(`etcd has compacted what came before revision ${response.compact_revision}`);
      } else {
        this.#again(stream);
      }
      return;
    }
    this.#begun.push(...response.events);
    if (!response.fragment) {
      const events = this.#begun;
      this.#begun = [];
      while (events[0] !== undefined && BigInt(events[0].kv.mod_revision) < this.#next) {
        events.shift();
      }
      const last = events.at(-1);
      if (last !== undefined) {
        this.#next = BigInt(last.kv.mod_revision) + 1n;
        this.#doors.take(events, last.kv.mod_revision);
      }
    }
  }

  #again(stream: object | null): void {
    if (stream !== this.#stream && stream !== null) {
      return;
    }
    this.#stream?.cancel();
    this.#stream = null;
    if (!this.#isOver) {
      setTimeout(() => void this.#begin(), pause).unref();
    }
  }
}
