import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Daemon, freePorts } from '../kube/daemon.ts';
import { etcd, oldestEtcd } from '../parts/catalogue.ts';
import { debianPart } from '../parts/debian-part.ts';
import { goPart } from '../parts/go-part.ts';
import { until } from '../server/until.ts';

/** An etcd of its own on loopback, as durable as it comes. */
export class EtcdMember {
  readonly url: string;
  readonly folder = mkdtempSync(join(tmpdir(), 'realip-etcd-'));
  readonly #command: readonly string[];
  daemon: Daemon;

  private constructor(program: string, port: number, peerPort: number, flags: readonly string[]) {
    this.url = `http://127.0.0.1:${port}`;
    const peer = `http://127.0.0.1:${peerPort}`;
    this.#command = [
      program,
      ...['--data-dir', join(this.folder, 'data'), '--log-level', 'warn'],
      ...['--listen-client-urls', this.url, '--advertise-client-urls', this.url],
      ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
      ...['--initial-cluster', `default=${peer}`, ...flags],
    ];
    this.daemon = this.#launch();
  }

  /** The version that realip is tested with. */
  static start(...flags: string[]): Promise<EtcdMember> {
    return EtcdMember.#start(join(goPart(etcd), 'etcd'), flags);
  }

  /** The oldest version that can keep a ledger. */
  static startOldest(): Promise<EtcdMember> {
    return EtcdMember.#start(join(debianPart(oldestEtcd), 'usr/bin/etcd'), []);
  }

  static async #start(program: string, flags: readonly string[]): Promise<EtcdMember> {
    const [port = 0, peerPort = 0] = await freePorts(2);
    const member = new EtcdMember(program, port, peerPort, flags);
    await member.healthy();
    return member;
  }

  async healthy(): Promise<void> {
    await until('etcd is healthy', () =>
      fetch(`${this.url}/health`).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
  }

  /** Starts it again after it was stopped or killed. */
  async restart(): Promise<void> {
    this.daemon = this.#launch();
    await this.healthy();
  }

  async remove(): Promise<void> {
    await this.daemon.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #launch(): Daemon {
    return new Daemon(this.#command, join(this.folder, 'log'));
  }
}
