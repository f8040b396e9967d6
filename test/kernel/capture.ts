import { type ChildProcess, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { slowness } from '../../netlink/testing/slowness.ts';
import type { Host } from './host.ts';

/** tcpdump at a host's interface. */
export class Capture {
  readonly #folder: string;
  readonly #process: ChildProcess;

  private constructor(folder: string, process: ChildProcess) {
    this.#folder = folder;
    this.#process = process;
  }

  /** Listens when this is done. */
  static async start(host: Host, device: string, filter: string): Promise<Capture> {
    const folder = mkdtempSync(join(tmpdir(), 'realip-capture-'));
    // -U and immediate mode: every frame is in the file at once.
    const args = ['-i', device, '-U', '--immediate-mode', '-Z', 'root', '-w', join(folder, 'frames'), filter];
    const child = host.start('tcpdump', args);
    await new Promise<void>((resolve, reject) => {
      child.stderr?.on('data', (data) => String(data).includes('listening on') && resolve());
      child.once('exit', () => reject(new Error('tcpdump ended')));
    });
    return new Capture(folder, child);
  }

  /**
   * One line a frame, MACs included, of all that came until now.
   *
   * @param timed a line begins with the seconds since 1970
   */
  async stop({ timed = false } = {}): Promise<string[]> {
    // What is on its way to it yet.
    await sleep(200 * slowness());
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGINT');
    await ended;
    const text = execFileSync(
      'tcpdump',
      ['-r', join(this.#folder, 'frames'), '-n', '-e', timed ? '-tt' : '-t'],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    rmSync(this.#folder, { recursive: true });
    return text.split('\n').filter((line) => line !== '');
  }
}
