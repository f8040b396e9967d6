import { inTurn } from '../../cluster/in-turn.ts';
import type { LiveCluster } from '../../cluster/live-cluster.ts';
import { until } from '../../server/until.ts';
import { NodeNetwork } from './node-network.ts';

/** Generous: the machine beneath may be busy with other things. */
const longestMs = 180_000;

/** What the bench makes on a cluster, and takes away: a namespace, and other networks on one of its nodes. */
export class Stay {
  readonly namespace = 'bench';
  readonly cluster: LiveCluster;
  #network: NodeNetwork | undefined;
  #ended: Promise<void> | undefined;

  constructor(cluster: LiveCluster) {
    this.cluster = cluster;
  }

  /** @param name of a macvlan node */
  async begin(name: string): Promise<NodeNetwork> {
    // A bench that was killed may have left one; its pods go by the network by which they came.
    await this.#clear();
    await this.cluster.must('POST', '/api/v1/namespaces', { metadata: { name: this.namespace } });
    const account = `${this.#path}/serviceaccounts/default`;
    await until(account, async () => (await this.cluster.call('GET', account)).status === 200, longestMs);
    if (this.#ended !== undefined) {
      throw new Error('the bench has ended');
    }
    this.#network = new NodeNetwork(this.cluster.node(name));
    return this.#network;
  }

  /** Gives the cluster back as it was, except for upstream's plugins. Once, and at any moment. */
  end(): Promise<void> {
    this.#ended ??= inTurn(
      () => this.#clear(),
      () => this.#network?.close(),
      () => this.cluster.close(),
    );
    return this.#ended;
  }

  get #path(): string {
    return `/api/v1/namespaces/${this.namespace}`;
  }

  async #clear(): Promise<void> {
    await this.cluster.call('DELETE', this.#path);
    const isGone = async () => (await this.cluster.call('GET', this.#path)).status === 404;
    await until('the bench’s namespace is gone', isGone, longestMs);
  }
}
