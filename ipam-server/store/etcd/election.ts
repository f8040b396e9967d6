import { setTimeout as sleep } from 'node:timers/promises';
import type { EtcdConnection } from './connection.ts';
import { leaderKey } from './layout.ts';
import { Lease } from './lease.ts';
import type { KeyValue, RangeResponse, TransactionResponse } from './messages.ts';

/** A server's time as leader. */
export interface Term {
  /** The revision at which the leader's key was made; writes are guarded by it. */
  readonly revision: string;
  /** Reports whether nobody else can lead yet. */
  readonly isValid: boolean;
  /** Kept when somebody else may lead, with the reason. */
  readonly lost: Promise<string>;
  /** Tells others something else of this server. @throws Problem STORE_UNAVAILABLE */
  declare(claim: string): Promise<void>;
  /** Ends it, because another's place was found where this one's was. */
  forfeit(reason: string): void;
  /** Lets another lead at once. */
  resign(): Promise<void>;
}

/** Who is told what an election comes upon. */
export interface ElectionDoors {
  /** Who leads, by its claim; null while nobody does. */
  readonly onLook: (leader: string | null) => void;
  readonly onError: (error: unknown) => void;
}

/** Milliseconds between two looks whether the place is free. */
const look = 250;

/** Who leads: the key that one of all servers makes, and that goes with its lease. */
export class Election {
  readonly #connection: EtcdConnection;
  readonly #key: string;
  readonly #ttl: number | undefined;

  /** @param ttl seconds that a leader is believed without a word; absent: as servers are */
  constructor(connection: EtcdConnection, prefix: string, ttl?: number) {
    this.#connection = connection;
    this.#key = leaderKey(prefix);
    this.#ttl = ttl;
  }

  /** What the present leader says of itself; null while there is none. @throws Problem STORE_UNAVAILABLE */
  async leader(): Promise<string | null> {
    const { kvs } = await this.#connection.call<RangeResponse>('KV', 'Range', { key: this.#key });
    return kvs[0]?.value ?? null;
  }

  /**
   * Tries to lead.
   *
   * @param claim what others are told of the leader
   * @param onLook told who leads now, by its claim; null: nobody
   * @returns null when another leads
   * @throws Problem STORE_UNAVAILABLE
   */
  async stand(claim: string, onLook: (leader: string | null) => void = () => {}): Promise<Term | null> {
    const leader = await this.leader();
    onLook(leader);
    if (leader !== null) {
      return null;
    }
    const lease = await Lease.grant(this.#connection, this.#ttl);
    try {
      const place = await this.#claim(claim, lease.id);
      if (place.lease === lease.id) {
        return this.#termOf(place.create_revision, lease);
      }
    } catch (error) {
      await lease.revoke().catch(() => {});
      throw error;
    }
    await lease.revoke().catch(() => {});
    return null;
  }

  /**
   * Waits until this server leads, whatever fails meanwhile.
   *
   * @param mayStand whether it would lead if nobody did; asked again and again
   * @returns null once it is told to stop
   */
  async win(
    claim: () => string,
    signal: AbortSignal,
    { onLook, onError }: ElectionDoors,
    mayStand: () => boolean = () => true,
  ): Promise<Term | null> {
    while (!signal.aborted) {
      try {
        if (mayStand()) {
          const term = await this.stand(claim(), onLook);
          if (term !== null) {
            return term;
          }
        } else {
          onLook(await this.leader());
        }
      } catch (error) {
        onError(error);
      }
      await sleep(look, undefined, { signal }).catch(() => {});
    }
    return null;
  }

  /** Makes the key where there is none. @returns the key as it is then, made now or before by a request sent twice */
  async #claim(value: string, lease: string): Promise<KeyValue> {
    const key = this.#key;
    const answer = await this.#connection.call<TransactionResponse>('KV', 'Txn', {
      compare: [{ result: 0, target: 1, key, create_revision: '0' }],
      success: [{ request_put: { key, value, lease } }, { request_range: { key } }],
      failure: [{ request_range: { key } }],
    });
    const place = answer.responses
      .map((each) => each.response_range?.kvs[0])
      .find((each) => each !== undefined);
    if (place === undefined) {
      throw new Error(`etcd: ${key} went in the moment it was made`);
    }
    return place;
  }

  #termOf(revision: string, lease: Lease): Term {
    const key = this.#key;
    return {
      revision,
      get isValid() {
        return lease.isValid;
      },
      lost: lease.lost,
      declare: async (value) => {
        await this.#connection.call('KV', 'Txn', {
          compare: [{ result: 0, target: 1, key, create_revision: revision }],
          success: [{ request_put: { key, value, lease: lease.id } }],
          failure: [],
        });
      },
      forfeit: (reason) => lease.forfeit(reason),
      resign: () => lease.revoke(),
    };
  }
}
