import { existsSync, readFileSync } from 'node:fs';
import type { Terminal } from '../lab/terminal.ts';
import { interruptible } from './interruptible.ts';
import { isThere, removeCluster } from './leftovers.ts';
import { Place } from './place.ts';
import { readState, risingBy } from './state.ts';

/** The cluster that a program brings up for itself, and that goes with it, however it ends. */
export class OwnCluster {
  readonly place: Place;
  readonly #program: string;
  readonly #ending = new AbortController();

  /** @param name of the cluster; @param program the file in dist/ that brings it up */
  constructor(name: string, program: string) {
    this.place = new Place(name);
    this.#program = program;
  }

  /** Why it can't be had now: another process has it, of the same program, or one that is bringing it up. */
  get refusal(): string | undefined {
    const other = this.#otherUser;
    const what = `the cluster ${this.place.name}`;
    return other === undefined
      ? undefined
      : `Process ${other} has ${what}; wait for it, or stop it with Ctrl-C.`;
  }

  get #otherUser(): number | undefined {
    const by = readState(this.place)?.by;
    const command = `/proc/${by}/cmdline`;
    const isSame = existsSync(command) && readFileSync(command, 'utf8').includes(this.#program);
    return isSame ? by : (risingBy(this.place) ?? undefined);
  }

  /** Aborted when the cluster goes while the program is still at work. */
  get ending(): AbortSignal {
    return this.#ending.signal;
  }

  /**
   * Does the program's work, and removes the cluster, unless it is to be kept. A signal has it removed at once, and the
   * process end with the usual status.
   */
  async during<Result>(
    work: () => Promise<Result>,
    { terminal, keep = false }: { terminal: Pick<Terminal, 'freeze' | 'say'>; keep?: boolean },
  ): Promise<Result> {
    const whole = async () => {
      try {
        return await work();
      } finally {
        if (!keep && !this.ending.aborted && isThere(this.place)) {
          await removeCluster(this.place);
        }
      }
    };
    return await interruptible(whole, async () => {
      this.#ending.abort();
      terminal.freeze();
      terminal.say('\nStopping; removing the cluster …');
      // The work may have made something meanwhile that it had just begun.
      do {
        await removeCluster(this.place);
      } while (isThere(this.place));
    });
  }
}
