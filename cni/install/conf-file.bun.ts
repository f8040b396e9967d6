import { files } from '../files.ts';
import { clearDraft, draftOf, sync } from './draft.ts';
import { withLease } from './lease.bun.ts';

/** What one write(2) puts into a file at once, whatever happens: between pages it may be ended by a signal. */
const page = 4_096;
/** A millisecond each. Readers hold it open for microseconds, on a busy machine for some milliseconds. */
const leaseTries = 2_000;

/**
 * The conf list that the runtime reads. Whoever opens it at any moment, also after this process was killed at any
 * point, finds all of the old one or all of the new one. Its watchers see the file itself written: some of them miss
 * what is renamed.
 */
export class ConfFile {
  readonly #path: string;

  /** @param path its folder is there */
  constructor(path: string) {
    this.#path = path;
  }

  /** What is there; undefined where nothing is. */
  get text(): string | undefined {
    const { existsSync, readFileSync } = files();
    return existsSync(this.#path) ? readFileSync(this.#path, 'utf8') : undefined;
  }

  /** @returns whether anything changed */
  put(text: string): boolean {
    // A draft that is left may be the conf itself by another name: it is taken away, never written to.
    const wasKilled = clearDraft(this.#path);
    const found = this.text;
    if (found === text && !wasKilled) {
      return false;
    }
    if (found === undefined) {
      this.#create(text);
    } else if (found === text) {
      this.#announce(text);
    } else if (!this.#overwrite(found, text)) {
      this.#exchange(text);
    }
    files().chmodSync(this.#path, 0o644);
    sync(this.#path);
    this.#syncFolder();
    return true;
  }

  remove(): boolean {
    if (!files().existsSync(this.#folder)) {
      return false;
    }
    clearDraft(this.#path);
    const wasThere = this.text !== undefined;
    files().rmSync(this.#path, { force: true });
    this.#syncFolder();
    return wasThere;
  }

  /** Appears whole, by a second name: opened under its own it would be empty first. */
  #create(text: string): void {
    this.#draft(text);
    files().linkSync(draftOf(this.#path), this.#path);
    this.#announce(text);
    clearDraft(this.#path);
  }

  /**
   * In place. Blanks after the last brace are none of the list's, so that one write covers all that was there.
   *
   * @returns false when it can't be done without a reader's seeing a mixture
   */
  #overwrite(found: string, text: string): boolean {
    const { closeSync, ftruncateSync, openSync, writeSync } = files();
    const [old, octets] = [Buffer.byteLength(found), new TextEncoder().encode(text)];
    const size = Math.max(old, octets.length);
    if (size > page) {
      return false;
    }
    const padded = new Uint8Array(size).fill(0x20);
    padded.set(octets);
    const descriptor = openSync(this.#path, 'r+');
    try {
      for (let tries = 0; tries < leaseTries; tries++) {
        const isDone = withLease(descriptor, () => {
          writeSync(descriptor, padded, 0, size, 0);
          ftruncateSync(descriptor, octets.length);
        });
        if (isDone) {
          return true;
        }
        Bun.sleepSync(1);
      }
      return false;
    } finally {
      closeSync(descriptor);
    }
  }

  /** By a rename, which is whole at any length. */
  #exchange(text: string): void {
    this.#draft(text);
    files().renameSync(draftOf(this.#path), this.#path);
    this.#announce(text);
  }

  /** Writes what is there already, for the eyes of watchers. */
  #announce(text: string): void {
    const { closeSync, openSync, writeSync } = files();
    const descriptor = openSync(this.#path, 'r+');
    try {
      writeSync(descriptor, new TextEncoder().encode(text), 0, undefined, 0);
    } finally {
      closeSync(descriptor);
    }
  }

  #draft(text: string): void {
    try {
      files().writeFileSync(draftOf(this.#path), text, { mode: 0o644, flush: true, flag: 'wx' });
    } catch (error) {
      clearDraft(this.#path);
      throw error;
    }
  }

  get #folder(): string {
    return this.#path.slice(0, this.#path.lastIndexOf('/'));
  }

  #syncFolder(): void {
    sync(this.#folder);
  }
}
