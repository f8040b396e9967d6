import { join } from 'node:path';
import { etcd } from '../../parts/catalogue.ts';
import { goPart } from '../../parts/go-part.ts';
import { until } from '../../server/until.ts';
import { adminFolder } from '../install/admin-shell.ts';
import type { LiveCluster } from '../live-cluster.ts';
import type { Machine } from '../machine/machine.ts';
import { controlPlane } from '../plan.ts';
import { makeEtcdCertificates } from './etcd-certificates.ts';

/** Generous: the machine beneath may be busy with other things. */
const longestMs = 120_000;

/** One of three, on a machine of the cluster. */
interface Member {
  readonly name: string;
  readonly address: string;
  readonly machine: Machine;
}

/** What each machine knows it by. */
const daemon = 'ledger-etcd';

/**
 * An etcd for the ledger, which is not the API server's: three members, on machines of a cluster, with TLS and
 * certificates for clients. Certificate and key of one are in the admin's folder.
 */
export class LedgerEtcd {
  readonly #cluster: LiveCluster;
  readonly members: readonly Member[];

  constructor(cluster: LiveCluster) {
    this.#cluster = cluster;
    const nodes = ['mac-2', 'over-1'].map((name) => cluster.node(name));
    this.members = [
      { name: 'm1', address: controlPlane.address, machine: cluster.controlPlane.machine },
      ...nodes.map(({ address, machine }, index) => ({ name: `m${index + 2}`, address, machine })),
    ];
  }

  /** As `--store etcd:` takes them. */
  get endpoints(): string {
    return this.members.map(({ address }) => `https://${address}:2379`).join(',');
  }

  async start(): Promise<void> {
    makeEtcdCertificates(
      this.#folder,
      this.members.map(({ address }) => address),
    );
    // What a run left that was killed.
    await this.lose();
    await this.startEmpty();
  }

  /** Starts all members; there is nothing in any of them. */
  async startEmpty(): Promise<void> {
    for (const member of this.members) {
      this.startMember(member);
    }
    await until('all members of etcd are healthy', () => this.areHealthy(), longestMs);
  }

  startMember(member: Member): void {
    const file = (name: string) => join(this.#folder, name);
    const url = (port: number) => `https://${member.address}:${port}`;
    const initial = this.members.map(({ name, address }) => `${name}=https://${address}:2380`).join(',');
    member.machine.start({
      name: daemon,
      command: [
        ...[join(goPart(etcd), 'etcd'), '--name', member.name, '--data-dir', this.#data(member)],
        ...['--log-level', 'warn', '--initial-cluster', initial, '--initial-cluster-token', 'ledger'],
        ...['--listen-client-urls', url(2379), '--advertise-client-urls', url(2379)],
        ...['--listen-peer-urls', url(2380), '--initial-advertise-peer-urls', url(2380)],
        ...['--client-cert-auth', '--trusted-ca-file', file('etcd-ca.crt')],
        ...['--cert-file', file('etcd-member.crt'), '--key-file', file('etcd-member.key')],
        ...['--peer-client-cert-auth', '--peer-trusted-ca-file', file('etcd-ca.crt')],
        ...['--peer-cert-file', file('etcd-member.crt'), '--peer-key-file', file('etcd-member.key')],
      ],
    });
  }

  /** Ends one with -9. */
  killMember({ machine }: Member): Promise<void> {
    return machine.kill(daemon);
  }

  async areHealthy(): Promise<boolean> {
    const healthy = await Promise.all(this.members.map((member) => this.#isHealthy(member)));
    return healthy.every(Boolean);
  }

  /** Ends all members with -9, and takes away what they had, for good. */
  async lose(): Promise<void> {
    for (const member of this.members) {
      await member.machine.kill(daemon);
      await member.machine.enter(['rm', '-rf', this.#data(member)]);
    }
  }

  get #folder(): string {
    return adminFolder(this.#cluster.folder);
  }

  #data({ machine }: Member): string {
    return join(machine.disk, 'ledger-etcd');
  }

  async #isHealthy({ address, machine }: Member): Promise<boolean> {
    const file = (name: string) => join(this.#folder, name);
    const { status } = await machine.enter([
      ...['curl', '-sf', '-m', '2', '--cacert', file('etcd-ca.crt')],
      ...['--cert', file('etcd-client.crt'), '--key', file('etcd-client.key')],
      `https://${address}:2379/health`,
    ]);
    return status === 0;
  }
}
