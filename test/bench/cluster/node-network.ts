import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inTurn } from '../../cluster/in-turn.ts';
import { containerdSocket } from '../../cluster/node/containerd.ts';
import type { LiveNode } from '../../cluster/node/node.ts';
import { installPlugins } from '../../cluster/node/overlay.ts';
import { Cri } from '../../runtimes/cri.ts';
import { criProto } from '../../runtimes/release.ts';
import { until } from '../../server/until.ts';
import { type Plane, shim } from './planes.ts';

/** containerd takes the first by name. */
const file = '00-bench.conflist';

/** A macvlan node of realip's, whose pods may get their network otherwise for a while. */
export class NodeNetwork {
  readonly #node: LiveNode;
  readonly #cri: Cri;
  #isClosed = false;

  /**
   * Puts upstream's plugins beside realip's, and makes the leg that upstream's macvlan leaves to admins. What a process left
   * that was killed goes first.
   */
  constructor(node: LiveNode) {
    this.#node = node;
    this.#cri = new Cri(criProto(), node.machine.outside(containerdSocket));
    installPlugins(node.machine, ['macvlan', 'bridge', 'host-local', 'portmap']);
    rmSync(this.#path, { force: true });
    if (node.host.ask(`link show dev ${shim.name}`).length > 0) {
      node.host.ip(`link delete ${shim.name}`);
    }
    node.host.ip(`link add link eth0 name ${shim.name} type macvlan mode bridge`);
    node.host.ip(`address add ${shim.address}/32 dev ${shim.name}`);
    node.host.ip(`link set ${shim.name} up`);
    node.host.ip(`route add ${shim.pods} dev ${shim.name}`);
  }

  /** Exchanges the conf list, as an admin would; waits until containerd has it. No pod may be there. */
  async use(plane: Pick<Plane, 'list'>): Promise<void> {
    if (this.#isClosed) {
      throw new Error('the node was given back');
    }
    await this.#exchange(plane);
  }

  /** Gives the node back as it was, except for upstream's plugins. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await inTurn(
      () => this.#exchange({ list: null }),
      () => this.#cri.close(),
      () => this.#node.host.ip(`link delete ${shim.name}`),
    );
  }

  async #exchange({ list }: Pick<Plane, 'list'>): Promise<void> {
    if (list === null) {
      rmSync(this.#path, { force: true });
    } else {
      writeFileSync(`${this.#path}.new`, JSON.stringify(list));
      renameSync(`${this.#path}.new`, this.#path);
    }
    const name = list?.name ?? 'realip';
    await until(`containerd makes networks by ${name}`, async () => (await this.#used()) === name, 60_000);
  }

  get #path(): string {
    return join(this.#node.machine.disk, 'etc/cni/net.d', file);
  }

  /** The name of the conf list that containerd has in its memory; its own for the loopback comes before. */
  async #used(): Promise<string> {
    const { info } = await this.#cri.runtime('Status', { verbose: true });
    return JSON.parse(info.cniconfig).Networks.at(-1).Config.Name;
  }
}
