import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { EtcdGateway } from '../../etcd/etcd-gateway.ts';
import { Daemon, freePorts } from '../../kube/daemon.ts';
import { etcd } from '../../parts/catalogue.ts';
import { goPart } from '../../parts/go-part.ts';
import { until } from '../../server/until.ts';
import { type Resident, residentOf } from '../resident.ts';

/** The quota that etcd's own documentation calls the most that is sensible. */
const quota = 8 * 2 ** 30;

/** An etcd cluster on this machine's loopback and disk, its journal synced as it comes. */
export class Members {
  /** Of each member. */
  readonly urls: readonly string[];
  /** Of the first. */
  readonly gateway: EtcdGateway;
  readonly #daemons: readonly Daemon[];

  private constructor(urls: readonly string[], daemons: readonly Daemon[]) {
    this.urls = urls;
    this.gateway = new EtcdGateway(urls[0] ?? '');
    this.#daemons = daemons;
  }

  /**
   * @param folder for their data and logs; made where it isn't there
   * @param flags more of them, of every member
   */
  static async start(folder: string, count = 1, flags: readonly string[] = []): Promise<Members> {
    mkdirSync(folder, { recursive: true });
    const ports = await freePorts(2 * count);
    const urlOf = (port: number | undefined) => `http://127.0.0.1:${port}`;
    const all = Array.from({ length: count }, (_, i) => ({
      name: `m${i + 1}`,
      client: urlOf(ports[2 * i]),
      peer: urlOf(ports[2 * i + 1]),
    }));
    const initial = all.map(({ name, peer }) => `${name}=${peer}`).join(',');
    const daemons = all.map(({ name, client, peer }) => {
      const args = [
        ...['--name', name, '--data-dir', join(folder, name), '--log-level', 'error'],
        ...['--listen-client-urls', client, '--advertise-client-urls', client],
        ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
        ...['--initial-cluster', initial, '--quota-backend-bytes', String(quota)],
      ];
      return new Daemon([join(goPart(etcd), 'etcd'), ...args, ...flags], join(folder, `${name}.log`));
    });
    const members = new Members(
      all.map(({ client }) => client),
      daemons,
    );
    await until('etcd is healthy', () => members.#areHealthy(), 60_000);
    return members;
  }

  /** As `--store` takes them. */
  get store(): string {
    return `etcd:${this.urls.join(',')}`;
  }

  /** Memory of the first member. */
  get resident(): Resident {
    return residentOf(this.#daemons[0]?.pid);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#daemons.map((daemon) => daemon.stop()));
  }

  async #areHealthy(): Promise<boolean> {
    const health = await Promise.all(
      this.urls.map((url) =>
        fetch(`${url}/health`).then(
          ({ ok }) => ok,
          () => false,
        ),
      ),
    );
    return health.every(Boolean);
  }
}
