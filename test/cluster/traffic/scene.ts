import type { Cast } from './cast.ts';

/** Something that must be seen: a test of the suite, and a step of the story. */
export interface Check {
  /** A sentence. */
  readonly title: string;
  /** @returns the figure to tell; @throws Error with what was seen in its place */
  see(cast: Cast): Promise<string>;
}

/** Checks of one theme, in the order in which they are seen. */
export interface Scene {
  readonly title: string;
  readonly checks: readonly Check[];
}

/** @returns what was seen; @throws Error when it isn't what was to be seen */
export function expectSeen(what: string, seen: string, wanted: string): string {
  if (seen !== wanted) {
    throw new Error(`${what}: ${seen} in place of ${wanted}`);
  }
  return seen;
}

/** @throws Error with `what` unless it holds */
export function expectThat(holds: boolean, what: string): void {
  if (!holds) {
    throw new Error(what);
  }
}
