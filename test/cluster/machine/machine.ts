import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../../kernel/command.ts';
import { Host, type Outcome } from '../../kernel/host.ts';
import { until } from '../../server/until.ts';
import { initScript } from './init.ts';

/** Generous: the machine beneath may be busy with other things. */
const longestMs = 120_000;

/** A third party's server on a machine. */
export interface Daemon {
  readonly name: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * A machine with namespaces of its own for network, mounts and processes. It lives on when this process ends: what is
 * known of it is in its folder.
 */
export class Machine {
  readonly name: string;
  readonly host: Host;
  readonly folder: string;

  /** @param namespace of the network, which somebody makes before it starts */
  constructor(name: string, namespace: string, folder: string) {
    this.name = name;
    this.host = new Host(namespace, true);
    this.folder = folder;
  }

  /** Switches it on; nothing runs on it yet. @throws Error with what it said */
  async powerOn(): Promise<void> {
    mkdirSync(this.#file('logs'), { recursive: true });
    mkdirSync(this.#file('pids'), { recursive: true });
    mkdirSync(this.disk, { recursive: true });
    rmSync(join(this.disk, 'is-up'), { force: true });
    const init = this.#file('init.sh');
    writeFileSync(init, initScript);
    const log = openSync(this.log('init'), 'a');
    const apart = ['--pid', '--fork', '--kill-child', '--mount', '--propagation', 'private', '--mount-proc'];
    // Not by `ip netns exec`, which hides the cgroups.
    const command = [`--net=${this.host.path}`, 'unshare', ...apart, 'bash', init, this.disk];
    const child = spawn('nsenter', command, { detached: true, stdio: ['ignore', log, log] });
    child.unref();
    writeFileSync(this.#file('pid'), `${child.pid}`);
    await until(
      `${this.name} is on`,
      () => {
        if (child.exitCode !== null) {
          throw new Error(`${this.name} ended: ${readFileSync(this.log('init'), 'utf8')}`);
        }
        return existsSync(join(this.disk, 'is-up'));
      },
      longestMs,
    );
  }

  /** Cuts its power: every process, mount and pod is gone. */
  async powerOff(): Promise<void> {
    const pid = this.#pid();
    if (pid !== undefined) {
      process.kill(pid, 'SIGKILL');
      await until(`${this.name} is off`, () => !isAlive(`/proc/${pid}`), longestMs);
    }
    rmSync(this.#file('pids'), { recursive: true, force: true });
  }

  get isOn(): boolean {
    return this.#pid() !== undefined;
  }

  /** What a command begins with, to run on it; @throws Error when it is off */
  get entering(): readonly string[] {
    const pid = this.#pid();
    if (pid === undefined) {
      throw new Error(`${this.name} is off`);
    }
    const processes = `--pid=/proc/${pid}/ns/pid_for_children`;
    return ['nsenter', '--target', `${pid}`, '--net', '--mount', processes];
  }

  /** Where a path of its own is found from outside, while it is on. */
  outside(path: string): string {
    return `/proc/${this.#pid()}/root${path}`;
  }

  /** Runs a command on it, among its own processes and mounts. */
  enter(command: readonly string[], input = ''): Promise<Outcome> {
    return runCommand([...this.entering, ...command], input);
  }

  /** What it keeps when its power is cut; beneath it its own folders by their paths. */
  get disk(): string {
    return this.#file('disk');
  }

  /** Where a daemon's output goes. */
  log(daemon: string): string {
    return this.#file('logs', `${daemon}.log`);
  }

  /** Starts a daemon, and is over when it has its process; it lives until it is killed or the machine is off. */
  start({ name, command, env = {} }: Daemon): void {
    if (this.isRunning(name)) {
      throw new Error(`${name} runs on ${this.name} already`);
    }
    // Its parent ends at once, and so it becomes a child of the machine's first process.
    const child = `setsid sh -c 'echo $$ > "$0"; exec "$@"' "$@" >> "$0" 2>&1 < /dev/null &`;
    const script = `rm -f "$1"; ${child} until [ -s "$1" ]; do sleep 0.01; done`;
    const [program = '', ...words] = [...this.entering, 'sh', '-c', script];
    const { status, stderr } = spawnSync(
      program,
      [...words, this.log(name), this.#pidFile(name), ...command],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'ignore', 'pipe'],
        env: { ...process.env, ...env },
      },
    );
    if (status !== 0) {
      throw new Error(`${name} does not start on ${this.name}: ${stderr}`);
    }
  }

  /** Ends a daemon with -9; what it started lives on. */
  async kill(name: string): Promise<void> {
    const pid = this.#pidOf(name);
    if (pid !== undefined) {
      await this.enter(['kill', '-9', pid]);
      await until(`${name} on ${this.name} has ended`, () => !this.isRunning(name), longestMs);
    }
  }

  isRunning(name: string): boolean {
    const pid = this.#pidOf(name);
    return pid !== undefined && isAlive(this.outside(`/proc/${pid}`));
  }

  /** The process of a daemon, in the machine's own count. */
  #pidOf(name: string): string | undefined {
    const file = this.#pidFile(name);
    return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
  }

  #pidFile(daemon: string): string {
    return this.#file('pids', daemon);
  }

  /** The process that holds the machine, while it is on. */
  #pid(): number | undefined {
    const file = this.#file('pid');
    const pid = existsSync(file) ? readFileSync(file, 'utf8') : '';
    const command = `/proc/${pid}/cmdline`;
    const isOurs =
      pid !== '' && existsSync(command) && readFileSync(command, 'utf8').includes(this.#file('init.sh'));
    return isOurs ? Number(pid) : undefined;
  }

  #file(...names: string[]): string {
    return join(this.folder, ...names);
  }
}

/** One that has ended, and was not waited for yet, has no command. */
function isAlive(process: string): boolean {
  try {
    return readFileSync(join(process, 'cmdline'), 'utf8') !== '';
  } catch {
    return false;
  }
}
