import { Worker } from 'node:worker_threads';
import { Problem, reasonOf } from '../../core/problem/problem.ts';
import type { ProblemCode } from '../../core/problem/registry.ts';
import { copyFile } from './copy-file.ts';
import type { SqliteAnswers, SqliteReply, SqliteRequest } from './sqlite-message.ts';
import {
  type Commit,
  type EventQuery,
  merged,
  type Store,
  type StoredEvent,
  type TakePart,
} from './store.ts';

interface Waiting {
  readonly resolve: (reply: SqliteReply) => void;
  readonly reject: (reason: Error) => void;
}

/** What SQLite's codes mean to who runs the server. */
const meanings: Readonly<Record<string, ProblemCode>> = {
  SQLITE_BUSY: 'STORE_IN_USE',
  SQLITE_CORRUPT: 'STORE_DAMAGED',
  SQLITE_NOTADB: 'STORE_DAMAGED',
  NOT_OURS: 'STORE_DAMAGED',
  WITHOUT_FILE: 'STORE_DAMAGED',
  TOO_NEW: 'STORE_TOO_NEW',
};

/** What the thread has in hand is a batch or a part of the records: most of a larger young generation would lie idle. */
const resourceLimits = { maxYoungGenerationSizeMb: 3 };

/** The ledger in one SQLite file: WAL, full sync, one server. Its thread is a worker of its own. */
export class SqliteStore implements Store {
  readonly name: string;
  readonly copyStem: string;
  readonly isCurrent = true;
  readonly isOnlyRead = false;
  readonly #worker: Worker;
  readonly #waiting: Waiting[] = [];
  #end: Error | null = null;
  #backup: Promise<void> | null = null;
  #isClosing = false;

  private constructor(file: string, worker: URL) {
    this.name = `sqlite ${file}`;
    this.copyStem = file;
    this.#worker = new Worker(worker, { resourceLimits });
    this.#worker.on('message', (reply: SqliteReply) => this.#waiting.shift()?.resolve(reply));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(new Error('the SQLite thread has ended')));
  }

  /**
   * Opens the file, making it where there is none.
   *
   * @param worker the built sqlite-worker.js
   * @throws Problem STORE_IN_USE, STORE_DAMAGED, STORE_TOO_NEW, STORE_UNOPENED
   */
  static async open(file: string, worker: URL): Promise<SqliteStore> {
    const store = new SqliteStore(file, worker);
    try {
      await store.#ask({ do: 'open', file }, 'STORE_UNOPENED');
      return store;
    } catch (error) {
      await store.#worker.terminate();
      throw error;
    }
  }

  async load(take: TakePart): Promise<{ readonly lastEvent: number }> {
    let asked = this.#ask({ do: 'load', from: 0 });
    for (;;) {
      const { entries, next, lastEvent } = await asked;
      if (next === null) {
        await take(entries);
        return { lastEvent };
      }
      // The worker reads the next part while this thread takes the present one.
      asked = this.#ask({ do: 'load', from: next });
      asked.catch(() => {});
      await take(entries);
    }
  }

  async commit(commits: readonly Commit[]): Promise<void> {
    const { records, events } = merged(commits);
    await this.#ask({ do: 'commit', records: [...records], events });
  }

  events(query: EventQuery): Promise<readonly StoredEvent[]> {
    return this.#ask({ do: 'events', query });
  }

  oldestEvent(): Promise<number> {
    return this.#ask({ do: 'oldest-event' });
  }

  async forgetEvents(before: number): Promise<void> {
    // In small transactions, so that commits come between them.
    while (await this.#ask({ do: 'forget-events', before })) {}
  }

  /** Looks at every page of the file; @throws Problem STORE_DAMAGED */
  async check(): Promise<void> {
    await this.#ask({ do: 'check' });
  }

  async backup(to: string): Promise<void> {
    if (this.#backup !== null) {
      throw new Problem('BACKUP_RUNNING', `${this.name} is being copied already`);
    }
    this.#backup = this.#copy(to);
    try {
      await this.#backup;
    } catch (error) {
      throw error instanceof Problem
        ? error
        : new Problem('BACKUP_FAILED', `${this.name} to ${to}: ${reasonOf(error)}`, {}, error);
    } finally {
      this.#backup = null;
    }
  }

  async #copy(to: string): Promise<void> {
    const { descriptor, length } = await this.#ask({ do: 'begin-backup' });
    try {
      await copyFile(descriptor, length, to, () => {
        if (this.#isClosing) {
          throw new Error('the server is stopping');
        }
      });
    } finally {
      await this.#ask({ do: 'end-backup' });
    }
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    // The file must not change under a copy that is being made.
    await this.#backup?.catch(() => {});
    try {
      await this.#ask({ do: 'close' });
    } finally {
      await this.#worker.terminate();
    }
  }

  async #ask<Request extends SqliteRequest>(
    request: Request,
    otherwise: ProblemCode = 'STORE_UNAVAILABLE',
  ): Promise<SqliteAnswers[Request['do']]> {
    const reply = await this.#send(request).catch((error: unknown) => {
      throw new Problem(otherwise, `${this.name}: ${reasonOf(error)}`, {}, error);
    });
    if (!reply.ok) {
      throw new Problem(meanings[reply.code] ?? otherwise, `${this.name}: ${reply.message}`);
    }
    // The worker answers each request as SqliteAnswers says; a message has no types.
    return reply.answer as SqliteAnswers[Request['do']];
  }

  #send(request: SqliteRequest): Promise<SqliteReply> {
    if (this.#end !== null) {
      return Promise.reject(this.#end);
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(request);
    });
  }

  #fail(error: Error): void {
    this.#end ??= error;
    for (const { reject } of this.#waiting.splice(0)) {
      reject(this.#end);
    }
  }
}
