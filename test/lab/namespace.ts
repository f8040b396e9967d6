import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Started, start } from './process.ts';

/** What every network namespace of the lab is called, so that a later start finds what a crash left. */
export const namespacePrefix = 'realip-lab-';

/** A program that ended with a status other than 0. */
export class CommandError extends Error {
  readonly stdout: string;

  constructor(command: string, status: number | null, stdout: string, stderr: string) {
    super(`${command} ended with ${status}: ${stderr.trim() || stdout.trim() || 'no message'}`);
    this.stdout = stdout;
  }
}

export interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program to its end and gives its standard output; @throws CommandError */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: options.env === undefined ? process.env : { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data) => {
      stdout += data;
    });
    child.stderr.on('data', (data) => {
      stderr += data;
    });
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0) {
        resolve(stdout);
      } else {
        reject(new CommandError(`${command} ${args.join(' ')}`, status, stdout, stderr));
      }
    });
    // A program may end without reading its input; that is its right.
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
  });
}

/** A host, node, pod or switch of the lab: one network namespace. */
export class Namespace {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  /** The name `ip netns` knows it by. */
  get fullName(): string {
    return `${namespacePrefix}${this.name}`;
  }

  get path(): string {
    return `/run/netns/${this.fullName}`;
  }

  /** As `ip netns add` does, which a normal user's namespace refuses: it would have to return to the machine's. */
  async create(): Promise<void> {
    mkdirSync(dirname(this.path), { recursive: true });
    writeFileSync(this.path, '', { flag: 'wx' });
    await run('unshare', [`--net=${this.path}`, 'ip', 'link', 'set', 'lo', 'up']);
  }

  async remove(): Promise<void> {
    await run('ip', ['netns', 'delete', this.fullName]);
  }

  /** The processes that live inside. */
  async pids(): Promise<number[]> {
    const listed = await run('ip', ['netns', 'pids', this.fullName]);
    return listed.split('\n').filter(Boolean).map(Number);
  }

  /** Runs a program inside; `nsenter` rather than `ip netns exec`, which would hide the cgroups. */
  run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
    return run('nsenter', [`--net=${this.path}`, command, ...args], options);
  }

  /** Runs lines of shell inside; the first that fails ends it. */
  shell(script: string): Promise<string> {
    return this.run('sh', ['-euc', script]);
  }

  /** Starts a Node program inside that goes on, and waits until it is ready. */
  start(logFile: string, args: readonly string[]): Promise<Started> {
    return this.startProgram(logFile, [process.execPath, ...args]);
  }

  /** The same for any program that prints a line when it is ready. */
  startProgram(logFile: string, command: readonly string[]): Promise<Started> {
    return start(['nsenter', `--net=${this.path}`, ...command], logFile);
  }
}
