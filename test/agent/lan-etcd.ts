import { join } from 'node:path';
import type { Host } from '../kernel/host.ts';
import { etcd } from '../parts/catalogue.ts';
import { goPart } from '../parts/go-part.ts';
import { until } from '../server/until.ts';
import { Program } from './program.ts';

/** One etcd on the LAN, on which several servers keep one ledger. */
export class LanEtcd {
  readonly #host: Host;
  readonly #url: string;
  readonly #peer: string;
  readonly #folder: string;
  #process: Program | undefined;

  /** @param folder for its data and its log */
  constructor(host: Host, ip: string, folder: string) {
    this.#host = host;
    this.#url = `http://${ip}:2379`;
    this.#peer = `http://${ip}:2380`;
    this.#folder = folder;
  }

  /** As `--store` takes it. */
  get store(): string {
    return `etcd:${this.#url}`;
  }

  async start(): Promise<void> {
    const command = [
      ...[join(goPart(etcd), 'etcd'), '--data-dir', join(this.#folder, 'etcd'), '--log-level', 'warn'],
      ...['--listen-client-urls', this.#url, '--advertise-client-urls', this.#url],
      ...['--listen-peer-urls', this.#peer, '--initial-advertise-peer-urls', this.#peer],
      ...['--initial-cluster', `default=${this.#peer}`],
    ];
    const started = new Program(this.#host, command, join(this.#folder, 'etcd.log'));
    this.#process = started;
    await until(
      'etcd is healthy',
      () => this.#host.run('curl', ['-sf', '-m', '2', `${this.#url}/health`]).status === 0,
      60_000,
    );
  }

  async remove(): Promise<void> {
    await this.#process?.end('SIGKILL');
  }
}
