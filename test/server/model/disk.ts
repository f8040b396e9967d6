import type { Inherited } from '../../../ipam-server/store/keeper.ts';
import { MemoryStore } from '../../../ipam-server/store/memory.ts';
import type { Store } from '../../../ipam-server/store/store.ts';

/** What of a server survives its process. */
export interface Disk {
  /** As the server has it that lives now. */
  readonly store: Store;
  /** Another process takes it over. @returns what it knows of it without reading it, if anything */
  takeOver(): Promise<Inherited | null>;
  /** What a dead process had under way comes late; rejects where a disk keeps that from being made. Null: it can't come. */
  readonly late: ((commit: () => Promise<void>) => Promise<void>) | null;
}

/** A disk that forgets with the test. */
export class MemoryDisk implements Disk {
  readonly store = new MemoryStore();
  readonly late = null;

  async takeOver(): Promise<null> {
    return null;
  }
}
