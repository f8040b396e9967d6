import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { addNamespace } from '../../netlink/testing/add-namespace.ts';

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A network namespace: a host, a switch or a pod. Judged by iproute2, never by realip's own netlink code. */
export class Host {
  readonly name: string;

  /** @param isThere whether somebody else has made it */
  constructor(name: string, isThere = false) {
    this.name = name;
    if (!isThere) {
      addNamespace(name);
      this.ip('link set lo up');
    }
  }

  get path(): string {
    return `/var/run/netns/${this.name}`;
  }

  /** Runs `ip` in it; @throws with what `ip` said */
  ip(words: string): void {
    execFileSync('ip', ['-n', this.name, ...words.split(' ')], { stdio: ['ignore', 'ignore', 'pipe'] });
  }

  /** What `ip -j -d` answers; an empty list where there is nothing. */
  // biome-ignore lint/suspicious/noExplicitAny: iproute2's JSON, looked into field by field in the tests
  ask(words: string): any[] {
    const { stdout } = spawnSync('ip', ['-n', this.name, '-j', '-d', ...words.split(' ')], {
      encoding: 'utf8',
    });
    return stdout.trim() === '' ? [] : JSON.parse(stdout);
  }

  run(command: string, args: readonly string[], input = '', env: Record<string, string> = {}): Outcome {
    return spawnSync('ip', ['netns', 'exec', this.name, command, ...args], {
      encoding: 'utf8',
      input,
      env: { PATH: process.env['PATH'] ?? '', ...env },
    });
  }

  start(command: string, args: readonly string[], env: Record<string, string> = {}): ChildProcess {
    return spawn('ip', ['netns', 'exec', this.name, command, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'] ?? '', ...env },
    });
  }

  /** Reports whether an address answers. */
  reaches(ip: string): boolean {
    return this.run('ping', ['-n', '-c', '1', '-W', '2', ip]).status === 0;
  }

  /** The MAC that it has learned for an address. */
  neighbour(ip: string): string | undefined {
    return this.ask('neigh show').find((each) => each.dst === ip)?.lladdr;
  }

  sysctl(key: string, value: string): void {
    execFileSync('ip', ['netns', 'exec', this.name, 'sh', '-c', `echo ${value} > /proc/sys/${key}`]);
  }

  remove(): void {
    spawnSync('ip', ['netns', 'delete', this.name]);
  }
}
