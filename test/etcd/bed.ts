import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeLeftovers } from '../agent/leftovers.ts';
import { Host } from '../kernel/host.ts';
import { until } from '../server/until.ts';
import { BedMember } from './bed-member.ts';

/** Milliseconds that etcd may take for what takes it a second or two on a machine of its own. */
const patience = 90_000;

let count = 0;
/** Tests of one process have this file loaded anew for each of theirs. */
const since = Date.now().toString(36);

/**
 * Three etcd members and room for servers, each on a machine of its own: network namespaces on one switch, which the
 * test itself is plugged into as well. All of it goes with `remove`; what a killed test leaves, with the next bed.
 */
export class EtcdBed {
  readonly folder = mkdtempSync(join(tmpdir(), 'realip-etcd-bed-'));
  readonly members: readonly BedMember[];
  readonly #prefix = `rk${process.pid}-e${since}${++count}`;
  readonly #hosts: Host[] = [];
  readonly #switch: Host;
  /** The first three numbers of all addresses. */
  readonly #net: string;
  readonly #ips = new Map<string, string>();

  private constructor(flags: readonly string[]) {
    removeLeftovers();
    this.#switch = this.#host('sw');
    this.#net = plugIn(this.#switch);
    const names = ['m1', 'm2', 'm3'];
    const hosts = names.map((name, i) => this.join(name, i + 1));
    const initial = names.map((name) => `${name}=http://${this.ipOf(name)}:2380`).join(',');
    const cluster = { initial, token: this.#prefix, flags };
    this.members = hosts.map(
      (host, i) => new BedMember(names[i] ?? '', host, this.ipOf(names[i] ?? ''), this.folder, cluster),
    );
  }

  /** @param flags of every member */
  static async start(...flags: string[]): Promise<EtcdBed> {
    const bed = new EtcdBed(flags);
    await bed.healthy();
    return bed;
  }

  /** As `--store etcd:` takes them. */
  get endpoints(): string {
    return this.members.map(({ url }) => url).join(',');
  }

  /** One more machine on the switch. */
  join(name: string, number: number): Host {
    const host = this.#host(name);
    this.#switch.ip(`link add ${name} type veth peer name eth0 netns ${host.name}`);
    this.#switch.ip(`link set ${name} master lan up`);
    host.ip('link set eth0 up');
    this.#ips.set(name, `${this.#net}.${number}`);
    host.ip(`address add ${this.ipOf(name)}/24 dev eth0`);
    return host;
  }

  ipOf(name: string): string {
    return this.#ips.get(name) ?? '';
  }

  /** Cuts a machine off from all others; its own link stays up, as behind a switch that fails. */
  cut(name: string): void {
    this.#switch.ip(`link set ${name} nomaster`);
  }

  restore(name: string): void {
    this.#switch.ip(`link set ${name} master lan`);
  }

  /** Cuts one machine off from another, which both reach all others. */
  part(one: string, other: string): void {
    this.#hostOf(one).ip(`route add blackhole ${this.ipOf(other)}/32`);
    this.#hostOf(other).ip(`route add blackhole ${this.ipOf(one)}/32`);
  }

  rejoin(one: string, other: string): void {
    this.#hostOf(one).ip(`route delete blackhole ${this.ipOf(other)}/32`);
    this.#hostOf(other).ip(`route delete blackhole ${this.ipOf(one)}/32`);
  }

  /** Puts everything right that may have been broken. */
  async mend(): Promise<void> {
    for (const name of this.#ips.keys()) {
      this.restore(name);
      this.#hostOf(name).ip('route flush type blackhole');
    }
    await Promise.all(this.members.map((member) => member.mend()));
    await this.healthy();
  }

  /** All three members are up, know each other and agree who leads. */
  async healthy(): Promise<void> {
    await until(
      'all members of etcd are healthy',
      async () => {
        const health = await Promise.all(this.members.map((member) => member.isHealthy()));
        return health.every(Boolean);
      },
      patience,
    );
  }

  /** The member that leads etcd by the word of a majority; waits for it. */
  async leader(): Promise<BedMember> {
    let found: BedMember | undefined;
    await until(
      'etcd has a leader',
      async () => {
        const told = await Promise.all(
          this.members.map(async (member) => ({
            member,
            status: await member.gateway.status().catch(() => null),
          })),
        );
        const votes = told.flatMap(({ status }) => (status === null ? [] : [status.leader]));
        const elected = votes.find((each) => each !== '0' && votes.filter((id) => id === each).length >= 2);
        found = told.find(({ status }) => status?.memberId === elected && elected !== undefined)?.member;
        return found !== undefined;
      },
      patience,
    );
    return found as BedMember;
  }

  /** One that doesn't. */
  async follower(): Promise<BedMember> {
    const leader = await this.leader();
    return this.members.find((member) => member !== leader) as BedMember;
  }

  async remove(): Promise<void> {
    await Promise.all(this.members.map((member) => member.remove()));
    for (const host of this.#hosts.splice(0).reverse()) {
      host.remove();
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  #host(name: string): Host {
    const host = new Host(`${this.#prefix}-${name}`);
    this.#hosts.push(host);
    return host;
  }

  #hostOf(name: string): Host {
    return new Host(`${this.#prefix}-${name}`, true);
  }
}

/**
 * A switch to which this machine is plugged in, in a net that no other bed has: of those that RFC 2544 keeps for
 * tests. The cable's name is the claim on it, and goes with the switch.
 *
 * @returns the first three numbers of its addresses; this machine is .254
 */
function plugIn(lan: Host): string {
  lan.ip('link add lan type bridge');
  lan.ip('link set lan up');
  for (let tries = 0; ; tries++) {
    const number = (process.pid + tries) % 512;
    const cable = `rke${number}`;
    try {
      execFileSync(
        'ip',
        ['link', 'add', cable, 'type', 'veth', 'peer', 'name', 'machine', 'netns', lan.name],
        {
          stdio: ['ignore', 'ignore', 'pipe'],
        },
      );
    } catch (error) {
      if (tries < 512 && String(error).includes('File exists')) {
        continue;
      }
      throw error;
    }
    const net = `198.${18 + (number >> 8)}.${number & 255}`;
    lan.ip('link set machine master lan up');
    execFileSync('ip', ['address', 'add', `${net}.254/24`, 'dev', cable]);
    execFileSync('ip', ['link', 'set', cable, 'up']);
    return net;
  }
}
