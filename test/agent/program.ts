import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import type { Host } from '../kernel/host.ts';

/** A program that goes on in a host's network namespace; what it prints is in a file, so that no pipe fills. */
export class Program {
  readonly #child: ChildProcess;
  readonly #file: string;

  /** By `nsenter`, as a service manager would run it: `ip netns exec` gives a /sys and mounts of its own. */
  constructor(host: Host, command: readonly string[], file: string, env: Record<string, string> = {}) {
    this.#file = file;
    const log = openSync(file, 'a', 0o600);
    this.#child = spawn('nsenter', [`--net=${host.path}`, ...command], {
      stdio: ['ignore', log, log],
      env: { PATH: process.env['PATH'] ?? '', ...env },
    });
    closeSync(log);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get runs(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** All that it and those before it on the same file have printed. */
  get output(): string {
    return readFileSync(this.#file, 'utf8');
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Waits for its end; @returns its exit status, null when a signal ended it */
  async ended(): Promise<number | null> {
    if (this.runs) {
      await once(this.#child, 'exit');
    }
    return this.#child.exitCode;
  }

  /** Ends it by a signal, and waits; @returns exit status and milliseconds */
  async end(signal: NodeJS.Signals): Promise<{ status: number | null; milliseconds: number }> {
    const began = performance.now();
    if (this.runs) {
      this.#child.kill(signal);
      // One that was stopped hears SIGTERM only when it goes on.
      this.#child.kill('SIGCONT');
    }
    const status = await this.ended();
    return { status, milliseconds: performance.now() - began };
  }
}
