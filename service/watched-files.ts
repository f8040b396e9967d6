import type { Buffer } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { reasonOf } from '../core/problem/problem.ts';

/** Time between two looks. */
const everyMs = 500;

/** Where it is said that changed files were taken over, or were not. */
export interface FilesLog {
  info(message: string, facts: object): void;
  error(message: string, facts: object): void;
}

export interface FilesListener {
  /** The files changed and have been the same for two looks. */
  changed(contents: readonly Buffer[]): void;
  /** A file can't be read (any more). */
  unreadable(reason: string): void;
}

/**
 * Looks at a few small files again and again, and tells when their contents have changed. Reading is surer
 * than watching: it sees a file written in place, renamed over, or swapped behind a link (`..data` of a
 * mounted ConfigMap or Secret) alike. Two equal looks are asked for, so that a half-written file, or a
 * certificate without its new key, is never taken for the whole.
 */
export class WatchedFiles {
  readonly #paths: readonly string[];
  readonly #listener: FilesListener;
  #told: readonly Buffer[];
  #last: readonly Buffer[];
  #unreadable: string | null = null;
  #timer: NodeJS.Timeout | null = null;

  /** @param known what the files held when they were last taken over. */
  constructor(paths: readonly string[], known: readonly Buffer[], listener: FilesListener) {
    this.#paths = paths;
    this.#told = known;
    this.#last = known;
    this.#listener = listener;
  }

  start(): void {
    this.#timer = setTimeout(() => {
      void this.#look().finally(() => {
        if (this.#timer !== null) {
          this.start();
        }
      });
    }, everyMs);
  }

  stop(): void {
    if (this.#timer !== null) {
      clearTimeout(this.#timer);
      this.#timer = null;
    }
  }

  async #look(): Promise<void> {
    let contents: readonly Buffer[];
    try {
      contents = await Promise.all(this.#paths.map((path) => readFile(path)));
    } catch (error) {
      this.#complain(reasonOf(error));
      return;
    }
    this.#unreadable = null;
    const settled = same(contents, this.#last);
    this.#last = contents;
    if (settled && !same(contents, this.#told)) {
      this.#told = contents;
      this.#listener.changed(contents);
    }
  }

  /** Says each reason once, not at every look. */
  #complain(reason: string): void {
    if (reason !== this.#unreadable) {
      this.#unreadable = reason;
      this.#listener.unreadable(reason);
    }
  }
}

function same(a: readonly Buffer[], b: readonly Buffer[]): boolean {
  return a.length === b.length && a.every((each, index) => b[index]?.equals(each) === true);
}
