import { Problem, reasonOf } from '../../../core/problem/problem.ts';
import { files } from '../../files.ts';
import { decodeLines, encodeLine } from '../../journal/line.ts';
import type { Write } from './record.ts';

/** Of the lines; another one's files are set aside. */
const format = 1;

/** Octets by which the file may grow before it is written anew. */
const slack = 256 * 1024;

/** What is missing: the last line was never answered for; of others nobody knows what they said. */
export type Lost = 'nothing' | 'last line' | 'lines';

/** What an earlier agent left. */
export interface Earlier {
  readonly records: readonly Write[];
  readonly lost: Lost;
  /** What an admin should read in the log. */
  readonly warnings: readonly string[];
}

/**
 * The agent's state on the disk: `agent.state`, a line for each change. A line that is written survives the agent's
 * end; the disk has it after `sync`. A power cut may take the last lines along: it ends the pods that they tell of.
 */
export class StateFile {
  readonly #folder: string;
  readonly #node: string;
  readonly #all: () => readonly Write[];
  #descriptor: number | undefined;
  /** Octets since it was written anew, and octets then. */
  #grown = 0;
  #size = 0;
  /** A line was begun and not ended. */
  #isTorn = false;
  #isDirty = false;
  #flushed: Promise<void> = Promise.resolve();

  /** @param all every record of the state, for writing the file anew */
  constructor(folder: string, node: string, all: () => readonly Write[]) {
    this.#folder = folder;
    this.#node = node;
    this.#all = all;
  }

  /** Reads what an earlier agent left. It never throws: what can't be read is set aside, and the kernel is asked. */
  read(now: number): Earlier {
    const { existsSync, mkdirSync, readFileSync } = files();
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      if (!existsSync(this.#path)) {
        return { records: [], lost: 'nothing', warnings: [] };
      }
      const { values, damaged, isCut } = decodeLines(readFileSync(this.#path, 'utf8'));
      const [head, ...changes] = values;
      const foreign = whyForeign(head, this.#node);
      if (foreign !== undefined) {
        return this.#setAside(now, foreign);
      }
      const warnings =
        damaged === 0 ? [] : [`${this.#path}: ${damaged} damaged or cut lines are passed over`];
      const lost = damaged === 0 ? 'nothing' : damaged === 1 && isCut ? 'last line' : 'lines';
      // The checksum is right and the format ours, so that it was written by append or compact.
      return { records: (changes as Write[][]).flat(), lost, warnings };
    } catch (error) {
      return this.#setAside(now, reasonOf(error));
    }
  }

  /**
   * Writes one change down, all of it or nothing.
   *
   * @throws Problem AGENT_STATE_UNWRITABLE
   */
  append(writes: readonly Write[]): void {
    const line = `${this.#isTorn ? '\n' : ''}${encodeLine(writes)}`;
    try {
      const { writeSync } = files();
      const octets = Buffer.from(line);
      this.#isTorn = true;
      const written = writeSync(this.#open(), octets);
      if (written < octets.length) {
        throw new Error(`only ${written} of ${octets.length} octets were written`);
      }
      this.#isTorn = false;
      this.#isDirty = true;
      this.#grown += octets.length;
    } catch (error) {
      throw this.#unwritable(error);
    }
  }

  /**
   * Writes the file anew from what counts: a crash leaves the old one or the new one.
   *
   * @throws Problem AGENT_STATE_UNWRITABLE
   */
  compact(): void {
    const { closeSync, fsyncSync, openSync, renameSync, writeFileSync } = files();
    const lines = [{ format, node: this.#node }, ...this.#all().map((write) => [write])].map(encodeLine);
    const text = lines.join('');
    try {
      writeFileSync(this.#half, text, { mode: 0o600, flush: true });
      const next = openSync(this.#half, 'a', 0o600);
      try {
        renameSync(this.#half, this.#path);
      } catch (error) {
        closeSync(next);
        throw error;
      }
      this.close();
      this.#descriptor = next;
      const folder = openSync(this.#folder, 'r');
      try {
        fsyncSync(folder);
      } finally {
        closeSync(folder);
      }
    } catch (error) {
      throw this.#unwritable(error);
    }
    [this.#size, this.#grown, this.#isTorn, this.#isDirty] = [Buffer.byteLength(text), 0, false, false];
    this.#flushed = Promise.resolve();
  }

  /**
   * Waits until the disk has all that was written. To be called before the server is told of anything: a node that
   * forgets by a power cut that it gave an address away must not find it in its reserve again.
   *
   * @throws Problem AGENT_STATE_UNWRITABLE
   */
  async sync(): Promise<void> {
    if (this.#grown > slack + this.#size) {
      this.compact();
    }
    if (this.#isDirty && this.#descriptor !== undefined) {
      this.#isDirty = false;
      this.#flushed = this.#flush(this.#descriptor);
    }
    // Also who has nothing new to write waits for what others have begun.
    await this.#flushed;
  }

  async #flush(descriptor: number): Promise<void> {
    try {
      await new Promise<void>((resolve, reject) => {
        files().fdatasync(descriptor, (error) => (error === null ? resolve() : reject(error)));
      });
    } catch (error) {
      // The file was written anew meanwhile, which the disk has.
      if (descriptor === this.#descriptor) {
        this.#isDirty = true;
        throw this.#unwritable(error);
      }
    }
  }

  close(): void {
    if (this.#descriptor !== undefined) {
      files().closeSync(this.#descriptor);
      this.#descriptor = undefined;
    }
  }

  #open(): number {
    if (this.#descriptor === undefined) {
      throw new Error('it is not open');
    }
    return this.#descriptor;
  }

  #setAside(now: number, why: string): Earlier {
    const aside = `${this.#path}.${new Date(now).toISOString().replace(/[:.]/g, '')}`;
    let fate = `it is set aside as ${aside}`;
    try {
      files().renameSync(this.#path, aside);
    } catch (error) {
      fate = `it could not be set aside: ${reasonOf(error)}`;
    }
    const warning = `${this.#path} can’t be used (${why}); ${fate}. What lives is found in the kernel.`;
    return { records: [], lost: 'lines', warnings: [warning] };
  }

  #unwritable(error: unknown): Problem {
    return new Problem('AGENT_STATE_UNWRITABLE', `${this.#path}: ${reasonOf(error)}`, {}, error);
  }

  get #path(): string {
    return `${this.#folder}/agent.state`;
  }

  get #half(): string {
    return `${this.#path}.new`;
  }
}

/** Why a file that begins so isn't this agent's; undefined: it is. */
function whyForeign(head: unknown, node: string): string | undefined {
  if (typeof head !== 'object' || head === null || !('format' in head) || !('node' in head)) {
    return 'it does not begin as an agent’s state';
  }
  if (head.format !== format) {
    return `it is of format ${String(head.format)}, this agent writes ${format}`;
  }
  return head.node === node ? undefined : `it is node ${String(head.node)}’s, this is ${node}`;
}
