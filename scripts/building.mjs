// Builds third parties' programs while suites run that need none of them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from './root.mjs';

/** The build of parts, one after the other, with whatever of the processors nobody else wants. */
export class Building {
  /** Parts that aren't there yet. One that can't be built leaves too: its suites tell why. */
  names;
  #lines;
  #hasLooked = false;

  /**
   * @param {readonly string[]} names of test/parts/catalogue.ts
   * @param {NodeJS.ProcessEnv} env
   */
  constructor(names, env) {
    this.names = new Set(names);
    if (names.length === 0) {
      return;
    }
    const command = [process.execPath, join(root, 'dist', 'parts.js'), ...names];
    const child = spawn('nice', ['-n', '19', ...command], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    child.once('error', ({ message }) => this.#end(message));
    this.#lines = createInterface({ input: child.stdout });
    this.#lines.on('line', (line) => this.#hear(line));
    this.#lines.once('close', () => this.#end('the build ended'));
  }

  /** Waits until it is known which parts are there already. */
  async looked() {
    while (this.names.size > 0 && !this.#hasLooked) {
      await this.#news();
    }
  }

  /** Waits until one more part is there, or can't be. */
  async more() {
    const before = this.names.size;
    while (this.names.size === before && before > 0) {
      await this.#news();
    }
  }

  #news() {
    return Promise.race([once(this.#lines, 'line'), once(this.#lines, 'close')]);
  }

  #hear(line) {
    const [state, name] = line.split(' ');
    this.#hasLooked ||= state === 'looked';
    if (state === 'failed') {
      console.error(line);
    }
    this.names.delete(name);
  }

  #end(why) {
    if (this.names.size > 0) {
      console.error(`not built: ${[...this.names].join(', ')} (${why})`);
      this.names.clear();
    }
  }
}
