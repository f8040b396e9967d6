import { execFileSync } from 'node:child_process';
import { Netlink } from '../netlink.bun.ts';
import { Netns, within } from '../netns.bun.ts';
import { addNamespace } from './add-namespace.ts';

/** Why a kernel test cannot run here; undefined when it can. */
export function reasonToSkip(): string | undefined {
  return process.getuid?.() === 0 ? undefined : 'needs root: it makes network namespaces';
}

let count = 0;

/** A network namespace for one test, made, asked and removed with iproute2 rather than with our own code. */
export class ScratchNetns {
  readonly name: string;
  readonly netns: Netns;
  readonly netlink: Netlink;

  constructor() {
    count += 1;
    this.name = `realip-nl-${process.pid}-${count}`;
    addNamespace(this.name);
    this.netns = Netns.open(`/var/run/netns/${this.name}`);
    this.netlink = within(this.netns, () => Netlink.open());
  }

  /** Runs `ip` within. */
  ip(command: string): string {
    return execFileSync('ip', ['-n', this.name, ...command.split(' ')], { encoding: 'utf8', stdio: 'pipe' });
  }

  /** What `ip -j` says, as a list of records; an empty one when it says nothing. */
  ask(command: string): Record<string, unknown>[] {
    return JSON.parse(this.ip(`-details -json ${command}`) || '[]');
  }

  /** Makes the links that tests put things on: `uplink` (up) and its peer. */
  addUplink(): void {
    this.ip('link add uplink type veth peer name switch');
    this.ip('link set switch up');
    this.ip('link set uplink up');
  }

  [Symbol.dispose](): void {
    this.netlink.close();
    this.netns.close();
    execFileSync('ip', ['netns', 'delete', this.name]);
  }
}
