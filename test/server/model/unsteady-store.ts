import type { Store } from '../../../ipam-server/store/store.ts';

/** How a commit may end: made; not made, and said so; made, and yet told as failed. */
export type Outcome = 'made' | 'refused' | 'made-but-failed';

interface Pending {
  readonly make: () => Promise<void>;
  readonly resolve: () => void;
  readonly reject: (reason: Error) => void;
}

/** A store whose commits wait until they are told how to end; one that has crashed does nothing any more. */
export class UnsteadyStore implements Store {
  readonly #disk: Store;
  #pending: Pending | null = null;
  #isSteady = true;
  #isGone = false;

  /** @param disk what survives a crash */
  constructor(disk: Store) {
    this.#disk = disk;
  }

  get name(): string {
    return this.#disk.name;
  }

  get copyStem(): string | null {
    return this.#disk.copyStem;
  }

  get isCurrent(): boolean {
    return this.#disk.isCurrent;
  }

  get isOnlyRead(): boolean {
    return this.#disk.isOnlyRead;
  }

  /** A steady one makes every commit at once. */
  set isSteady(isSteady: boolean) {
    this.#isSteady = isSteady;
  }

  get isCommitting(): boolean {
    return this.#pending !== null;
  }

  async load(...take: Parameters<Store['load']>): ReturnType<Store['load']> {
    // A disk takes its time, in which others call.
    await new Promise((resolve) => setImmediate(resolve));
    if (this.#isGone) {
      return new Promise(() => {});
    }
    return this.#disk.load(...take);
  }

  commit(...commit: Parameters<Store['commit']>): Promise<void> {
    if (this.#isGone) {
      return new Promise(() => {});
    }
    if (this.#isSteady) {
      return this.#disk.commit(...commit);
    }
    return new Promise((resolve, reject) => {
      this.#pending = { make: () => this.#disk.commit(...commit), resolve, reject };
    });
  }

  /** Ends the commit that is under way, if there is one. */
  async end(outcome: Outcome): Promise<void> {
    const pending = this.#pending;
    this.#pending = null;
    if (pending !== null && outcome !== 'refused') {
      await pending.make();
    }
    if (outcome === 'made') {
      pending?.resolve();
    } else {
      pending?.reject(new Error(`the commit was ${outcome}`));
    }
  }

  /**
   * The process dies: the commit under way was made or not, and nobody hears of it.
   *
   * @returns what was under way and not made, to be tried late; null when there is nothing
   */
  async crash(isMade: boolean): Promise<(() => Promise<void>) | null> {
    this.#isGone = true;
    const pending = this.#pending;
    this.#pending = null;
    if (isMade) {
      await pending?.make();
    }
    // So that nothing of the dead process waits any more.
    pending?.reject(new Error('the process has died'));
    return isMade ? null : (pending?.make ?? null);
  }

  events(...query: Parameters<Store['events']>): ReturnType<Store['events']> {
    return this.#disk.events(...query);
  }

  oldestEvent(): Promise<number> {
    return this.#disk.oldestEvent();
  }

  forgetEvents(before: number): Promise<void> {
    return this.#disk.forgetEvents(before);
  }

  check(): Promise<void> {
    return this.#disk.check();
  }

  backup(to: string): Promise<void> {
    return this.#disk.backup(to);
  }

  async close(): Promise<void> {}
}
