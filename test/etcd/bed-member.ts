import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Host } from '../kernel/host.ts';
import { Daemon } from '../kube/daemon.ts';
import { etcd } from '../parts/catalogue.ts';
import { goPart } from '../parts/go-part.ts';
import { EtcdGateway } from './etcd-gateway.ts';

/** What a member must know of its cluster. */
export interface BedCluster {
  /** `m1=http://…:2380,m2=…` */
  readonly initial: string;
  readonly token: string;
  readonly flags: readonly string[];
}

/** One etcd of a bed, on a machine of its own: a network namespace. */
export class BedMember {
  readonly name: string;
  readonly host: Host;
  readonly url: string;
  readonly gateway: EtcdGateway;
  readonly folder: string;
  readonly #command: readonly string[];
  #daemon: Daemon;
  #slowing: ChildProcess | null = null;

  /** @param folder for its data and its log */
  constructor(name: string, host: Host, ip: string, folder: string, cluster: BedCluster) {
    this.name = name;
    this.host = host;
    this.folder = folder;
    this.url = `http://${ip}:2379`;
    this.gateway = new EtcdGateway(this.url);
    const peer = `http://${ip}:2380`;
    this.#command = [
      ...['ip', 'netns', 'exec', host.name, join(goPart(etcd), 'etcd')],
      ...['--name', name, '--data-dir', join(folder, name), '--log-level', 'warn'],
      ...['--listen-client-urls', this.url, '--advertise-client-urls', this.url],
      ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
      ...['--initial-cluster', cluster.initial, '--initial-cluster-token', cluster.token],
      // A request must be in etcd's journal before it is answered; how long that may take on a busy machine is not at issue.
      ...['--heartbeat-interval', '150', '--election-timeout', '1500', ...cluster.flags],
    ];
    this.#daemon = this.#launch();
  }

  get isRunning(): boolean {
    return this.#daemon.isRunning;
  }

  /** Reports whether it answers, and with it a majority. */
  isHealthy(): Promise<boolean> {
    return fetch(`${this.url}/health`, { signal: AbortSignal.timeout(2_000) }).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  /** Ends it as a machine ends that loses its power. */
  async kill(): Promise<void> {
    await this.#daemon.stop();
  }

  /** Starts it again on its data; @param flags of this time alone */
  start(...flags: string[]): void {
    this.#daemon = this.#launch(flags);
  }

  /** Stops it without ending it, or lets it go on. */
  freeze(isFrozen: boolean): void {
    this.#daemon.freeze(isFrozen);
  }

  /** From now on its disk takes so many milliseconds longer for each of its syncs; until `mendDisk`. */
  async slowDisk(milliseconds: number): Promise<void> {
    const inject = `fdatasync:delay_enter=${milliseconds * 1_000}`;
    this.#slowing = spawn(
      'setpriv',
      [
        ...['--pdeathsig', 'KILL', 'strace', '-f', '-p', String(this.#daemon.pid), '-o', '/dev/null'],
        ...['-e', 'trace=fdatasync', '-e', `inject=${inject}`],
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    if (this.#slowing.stderr !== null) {
      await once(this.#slowing.stderr, 'data');
    }
  }

  async mendDisk(): Promise<void> {
    const tracer = this.#slowing;
    this.#slowing = null;
    if (tracer !== null && tracer.exitCode === null && tracer.signalCode === null) {
      const ended = once(tracer, 'exit');
      tracer.kill('SIGKILL');
      await ended;
    }
  }

  /** Puts everything right that may be wrong with it. */
  async mend(): Promise<void> {
    await this.mendDisk();
    this.freeze(false);
    if (!this.isRunning) {
      this.start();
    }
  }

  async remove(): Promise<void> {
    await this.mendDisk();
    await this.#daemon.stop();
  }

  #launch(flags: readonly string[] = []): Daemon {
    return new Daemon([...this.#command, ...flags], join(this.folder, `${this.name}.log`));
  }
}
