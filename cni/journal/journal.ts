import { files } from '../files.ts';
import { breakAfter } from './line.ts';
import type { TakeLock } from './lock.ts';
import { type JournalPlace, journalIn } from './place.ts';
import { decodeReleases, encodeRelease, isSameAttachment, type Release } from './record.ts';

/**
 * Releases that wait for the server: an append-only file `journal` in the state folder, drained by whichever call
 * comes next. Processes share it under a lock of its own, since the file is replaced when it has been drained.
 */
export class Journal {
  readonly #folder: string;
  readonly #place: JournalPlace;
  readonly #take: TakeLock;
  readonly #sizeOf: (path: string) => number;

  /** @param sizeOf octets of a file, 0 where there is none */
  constructor(folder: string, take: TakeLock, sizeOf: (path: string) => number) {
    this.#folder = folder;
    this.#place = journalIn(folder);
    this.#take = take;
    this.#sizeOf = sizeOf;
  }

  /** Writes a release down; it is on the disk when this returns. */
  append(release: Release): void {
    const { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } = files();
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const lock = this.#take(this.#place.lockPath, true);
    try {
      const descriptor = openSync(this.#place.path, 'a', 0o600);
      try {
        const before = this.isEmpty ? '' : readFileSync(this.#place.path, 'utf8');
        writeSync(descriptor, breakAfter(before) + encodeRelease(release));
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
    } finally {
      lock?.unlock();
    }
  }

  /** Reports whether anything waits; quick, for every call asks. */
  get isEmpty(): boolean {
    return this.#sizeOf(this.#place.path) === 0;
  }

  /** Reports whether an agent keeps its state beside it: it reads the journal when it starts. */
  get hasAgent(): boolean {
    return this.#sizeOf(`${this.#folder}/agent.state`) > 0;
  }

  /** Reports whether a release of this attachment waits. */
  holds(release: Release): boolean {
    return !this.isEmpty && this.#read().some((each) => isSameAttachment(each, release));
  }

  /**
   * Gives every release to `release` and keeps those for which it answers false.
   *
   * @param wait whether to wait when another process is draining, or leave it to that one
   */
  async drain(release: (release: Release) => Promise<boolean>, wait: boolean): Promise<void> {
    const lock = this.#take(this.#place.lockPath, wait);
    if (lock === undefined) {
      return;
    }
    try {
      const kept: Release[] = [];
      for (const each of this.#read()) {
        if (!(await release(each))) {
          kept.push(each);
        }
      }
      this.#replace(kept);
    } finally {
      lock.unlock();
    }
  }

  #read(): Release[] {
    return this.isEmpty ? [] : decodeReleases(files().readFileSync(this.#place.path, 'utf8')).releases;
  }

  /** Half a file is never seen. */
  #replace(releases: readonly Release[]): void {
    const { path, nextPath } = this.#place;
    const { renameSync, writeFileSync } = files();
    writeFileSync(nextPath, releases.map(encodeRelease).join(''), { mode: 0o600, flush: true });
    renameSync(nextPath, path);
  }
}
