import type { Store } from '../store/store.ts';

/** What the commands do with a ledger, wherever it is kept. While they have it, no server can. */
export interface LedgerPlace {
  /** As a command line names it; no other place has the same. */
  readonly name: string;
  /**
   * Opens the ledger that is there.
   *
   * @throws Problem STORE_MISSING, STORE_IN_USE, STORE_DAMAGED, STORE_TOO_NEW, STORE_UNOPENED, ETCD_*
   */
  open(): Promise<OpenLedger>;
  /**
   * Begins another ledger beside it, to be put in its place; what an interrupted attempt has left goes.
   *
   * @throws Problem STORE_IN_USE, STORE_UNOPENED, ETCD_*
   */
  succeed(): Promise<Successor>;
}

/** A ledger that no server can have meanwhile. */
export interface OpenLedger {
  readonly store: Store;
  end(): Promise<void>;
}

/** A ledger that is to take another one's place. */
export interface Successor {
  /** The one that is in the place; null where there is none. @throws Problem STORE_DAMAGED, STORE_TOO_NEW */
  predecessor(): Promise<Store | null>;
  /** The epoch of the one that is in the place; 1 where there is none, or none that can be read. */
  epoch(): Promise<number>;
  /** Empty at first. */
  readonly store: Store;
  /** Sees that it can still be put in the place; @throws Problem STORE_IN_USE, NOT_LEADING, STORE_UNAVAILABLE */
  confirm(): Promise<void>;
  /**
   * Puts it in the place in one step: whenever this is interrupted, one of the two is there, whole.
   *
   * @param isKept whether the other one is put aside, not removed
   * @returns what an admin must know of it; null where there was none
   * @throws Problem STORE_IN_USE
   */
  putInPlace(isKept: boolean): Promise<string | null>;
  /** Lets servers have the place; removes the new ledger if it hasn't been put in it. */
  end(): Promise<void>;
}
