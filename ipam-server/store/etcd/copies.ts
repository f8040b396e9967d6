import { chmod, link, mkdtemp, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Problem, reasonOf } from '../../../core/problem/problem.ts';
import { copyLedger, type LedgerSource } from '../copy-ledger.ts';
import { removeOldCopies } from '../old-copies.ts';
import { SqliteStore } from '../sqlite.ts';
import { copyEnd } from '../store.ts';

/** What is copied, and etcd's revision by which it is read. */
export interface Copied {
  readonly snapshot: LedgerSource;
  readonly revision: string;
}

/** Copies of a ledger in etcd as SQLite files, one at a time. */
export class Copies {
  readonly #name: string;
  readonly #worker: URL;
  #running: Promise<void> | null = null;
  #isEnding = false;

  /** @param worker the built sqlite-worker.js */
  constructor(name: string, worker: URL) {
    this.#name = name;
    this.#worker = worker;
  }

  /**
   * Makes a copy in a new file, which is there once it is whole.
   *
   * @throws Problem BACKUP_RUNNING, BACKUP_FAILED
   */
  async make(to: string, begin: () => Promise<Copied>): Promise<void> {
    if (this.#running !== null) {
      throw new Problem('BACKUP_RUNNING', `${this.#name} is being copied already`);
    }
    let revision = '';
    this.#running = (async () => {
      const copied = await begin();
      revision = copied.revision;
      await this.#write(copied.snapshot, to);
    })();
    try {
      await this.#running;
    } catch (error) {
      const reason = reasonOf(error);
      const told = reason.includes('compacted')
        ? `etcd compacted revision ${revision} while it was being copied; see its --auto-compaction-retention`
        : reason;
      throw new Problem('BACKUP_FAILED', `${this.#name} to ${to}: ${told}`, {}, error);
    } finally {
      this.#running = null;
    }
  }

  /** Gives up what is being copied. */
  async end(): Promise<void> {
    this.#isEnding = true;
    await this.#running?.catch(() => {});
  }

  async #write(snapshot: LedgerSource, to: string): Promise<void> {
    const sent = basename(to).indexOf(copyEnd);
    if (sent >= 0) {
      await removeOldCopies(dirname(to), basename(to).slice(0, sent + copyEnd.length));
    }
    // SQLite writes further files beside its own, so all of them are in a folder that goes with them.
    const folder = await mkdtemp(`${to}.copying-`);
    try {
      const file = join(folder, 'ledger.db');
      const store = await SqliteStore.open(file, this.#worker);
      try {
        await copyLedger(this.#watched(snapshot), store);
      } finally {
        await store.close();
      }
      await chmod(file, 0o600);
      await link(file, to);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  #watched(snapshot: LedgerSource): LedgerSource {
    const goOn = () => {
      if (this.#isEnding) {
        throw new Error('the server is stopping');
      }
    };
    return {
      load: (take) =>
        snapshot.load((part) => {
          goOn();
          return take(part);
        }),
      events: (query) => {
        goOn();
        return snapshot.events(query);
      },
    };
  }
}
