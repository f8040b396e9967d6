// Builds third parties' programs while suites run that need none of them.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from './root.mjs';

/** The build of parts, one after the other, with whatever of the processors nobody else wants. */
export class Building {
  /** Parts that aren't there yet. One that can't be built leaves too: its suites tell why. */
  names;
  #hasLooked = false;
  /** Who waits for the next word of the build. */
  #waiting = [];

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
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => this.#hear(line));
    lines.once('close', () => this.#end('the build ended'));
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
    while (before > 0 && this.names.size === before) {
      await this.#news();
    }
  }

  #news() {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #tell() {
    for (const resolve of this.#waiting.splice(0)) {
      resolve();
    }
  }

  #hear(line) {
    const [state, name] = line.split(' ');
    this.#hasLooked ||= state === 'looked';
    if (state === 'failed') {
      console.error(line);
    }
    this.names.delete(name);
    this.#tell();
  }

  #end(why) {
    if (this.names.size > 0) {
      console.error(`not built: ${[...this.names].join(', ')} (${why})`);
      this.names.clear();
    }
    this.#tell();
  }
}
