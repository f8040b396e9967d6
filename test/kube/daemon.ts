import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

/** A third party's server as a child of the test, with which it ends; its output goes to a file. */
export class Daemon {
  readonly #child: ChildProcess;
  readonly log: string;

  constructor(command: readonly string[], log: string, env: NodeJS.ProcessEnv = process.env) {
    this.log = log;
    this.#child = spawn('setpriv', ['--pdeathsig', 'KILL', ...command], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env,
    });
    const out = createWriteStream(log);
    this.#child.stdout?.pipe(out, { end: false });
    this.#child.stderr?.pipe(out, { end: false });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Waits for its end; @throws Error after `withinMs` */
  async ended(withinMs: number): Promise<void> {
    if (this.isRunning) {
      await once(this.#child, 'exit', { signal: AbortSignal.timeout(withinMs) });
    }
  }

  /** Stops it without ending it, or lets it go on. On return each of its threads stands still: some run on a moment. */
  freeze(isFrozen: boolean): void {
    this.#child.kill(isFrozen ? 'SIGSTOP' : 'SIGCONT');
    while (isFrozen && this.isRunning && !this.#standsStill()) {
      // Looked at again at once: nothing else is to happen meanwhile.
    }
  }

  #standsStill(): boolean {
    const tasks = `/proc/${this.#child.pid}/task`;
    try {
      return readdirSync(tasks).every((task) =>
        /\) T /.test(readFileSync(join(tasks, task, 'stat'), 'utf8')),
      );
    } catch {
      // A thread has just ended.
      return false;
    }
  }

  async stop(): Promise<void> {
    if (this.isRunning) {
      const exited = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await exited;
    }
  }
}

/** Ports of loopback that nobody listens on now. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  return servers.map((server) => {
    const address = server.address();
    server.close();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
}
