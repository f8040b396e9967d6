import { Problem, reasonOf } from '../../../core/problem/problem.ts';
import { files } from '../../files.ts';
import { breakAfter } from '../../journal/line.ts';
import type { Lock, TakeLock } from '../../journal/lock.ts';
import { type JournalPlace, journalIn } from '../../journal/place.ts';
import { decodeReleases, encodeRelease, type Release } from '../../journal/record.ts';

/** Milliseconds between two tries for a lock that a plugin holds. */
const lockPause = 5;

interface Waiting {
  readonly release: Release;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The journal of releases as the agent uses it: the same file and lock as the plugin's, but nothing stops the loop.
 * Releases that come while one is being written are written together, by one fsync.
 */
export class GroupJournal {
  readonly #folder: string;
  readonly #place: JournalPlace;
  readonly #take: TakeLock;
  #waiting: Waiting[] = [];
  /** One thing at a time: the lock is between processes. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(folder: string, take: TakeLock) {
    this.#folder = folder;
    this.#place = journalIn(folder);
    this.#take = take;
  }

  /** Kept once the release is on the disk; rejects with Problem AGENT_STATE_UNWRITABLE. */
  append(release: Release): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ release, resolve, reject });
      if (this.#waiting.length === 1) {
        void this.#inTurn(() => this.#write());
      }
    });
  }

  /** All that wait, plugins' too, in order; lines that are damaged are counted. */
  async read(): Promise<{ releases: Release[]; damaged: number }> {
    try {
      return decodeReleases(await files().promises.readFile(this.#place.path, 'utf8'));
    } catch (error) {
      if (isMissing(error)) {
        return { releases: [], damaged: 0 };
      }
      throw error;
    }
  }

  /** Takes those out that have been told; what came meanwhile stays. */
  remove(told: readonly Release[]): Promise<void> {
    return told.length === 0
      ? Promise.resolve()
      : this.#inTurn(() => this.#locked(() => this.#replace(told)));
  }

  async #write(): Promise<void> {
    const group = this.#waiting;
    try {
      await this.#locked(async () => {
        // Those that came while the lock was waited for go along.
        this.#waiting = [];
        const file = await files().promises.open(this.#place.path, 'a+', 0o600);
        try {
          const { size } = await file.stat();
          const end = new Uint8Array(1);
          await file.read(end, 0, 1, Math.max(0, size - 1));
          const before = size === 0 ? '' : String.fromCharCode(...end);
          await file.appendFile(
            breakAfter(before) + group.map(({ release }) => encodeRelease(release)).join(''),
          );
          await file.datasync();
        } finally {
          await file.close();
        }
      });
      for (const { resolve } of group) {
        resolve();
      }
    } catch (error) {
      this.#waiting = this.#waiting.filter((each) => !group.includes(each));
      const problem = new Problem(
        'AGENT_STATE_UNWRITABLE',
        `${this.#place.path}: ${reasonOf(error)}`,
        {},
        error,
      );
      for (const { reject } of group) {
        reject(problem);
      }
    }
  }

  /** Half a file is never seen. One that is empty then need not be on the disk: what was told may be told again. */
  async #replace(told: readonly Release[]): Promise<void> {
    const gone = new Set(told.map(encodeRelease));
    const kept = (await this.read()).releases.map(encodeRelease).filter((line) => !gone.has(line));
    const { rename, truncate, writeFile } = files().promises;
    if (kept.length === 0) {
      await truncate(this.#place.path);
      return;
    }
    const { path, nextPath } = this.#place;
    await writeFile(nextPath, kept.join(''), { mode: 0o600, flush: true });
    await rename(nextPath, path);
  }

  #inTurn(act: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(act);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #locked(act: () => Promise<void>): Promise<void> {
    await files().promises.mkdir(this.#folder, { recursive: true, mode: 0o700 });
    let lock: Lock | undefined = this.#take(this.#place.lockPath, false);
    while (lock === undefined) {
      await new Promise((resolve) => setTimeout(resolve, lockPause));
      lock = this.#take(this.#place.lockPath, false);
    }
    try {
      await act();
    } finally {
      lock.unlock();
    }
  }
}

function isMissing(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
}
