import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { slowness } from '../../netlink/testing/slowness.ts';
import type { Host } from '../kernel/host.ts';
import { Network } from '../kernel/network.ts';
import { AgentNode } from './agent-node.ts';
import { differences } from './agreement.ts';
import { FarServer } from './far-server.ts';
import { LanEtcd } from './lan-etcd.ts';
import { removeLeftovers } from './leftovers.ts';

type Servers = readonly [FarServer, ...FarServer[]];

/** What a test wants otherwise than usual. */
export interface SiteOptions {
  /** How many nodes: n1 10.9.0.11, n2 10.9.0.12, … */
  readonly nodes?: number;
  /** Last octet of each node's own range 10.9.<node>.0-…; 255. */
  readonly lastOctet?: number;
  /** Whether there is a subnet fd00:9::/64 too, with a range fd00:9::<node>:1-ff a node. */
  readonly dualStack?: boolean;
  readonly cooldownSeconds?: number;
  /** What differs in the nodes' conf from a macvlan network `real` on `eth0`. */
  readonly conf?: { readonly ipam?: object } & Record<string, unknown>;
  /** Further flags of the server. */
  readonly serverFlags?: readonly string[];
  /** Two servers on one etcd (10.9.0.8), in place of one on SQLite. */
  readonly twoServers?: boolean;
}

/**
 * A LAN 10.9.0.0/16 with the real IPAM server (10.9.0.5; a second one is 10.9.0.6) in a namespace of its own, nodes n1, n2, … each with a range
 * of its own, a gateway (10.9.0.1) and a host that is neither (10.9.0.99). Nothing is started on the nodes:
 * `node.startAgent()`.
 */
export class Site {
  readonly network: Network;
  readonly servers: Servers;
  readonly nodes: readonly AgentNode[];
  readonly folder: string;
  readonly #etcd: LanEtcd | null;

  private constructor(
    network: Network,
    ledger: { readonly servers: Servers; readonly etcd: LanEtcd | null },
    nodes: readonly AgentNode[],
    folder: string,
  ) {
    this.network = network;
    this.servers = ledger.servers;
    this.#etcd = ledger.etcd;
    this.nodes = nodes;
    this.folder = folder;
  }

  static async open(options: SiteOptions = {}): Promise<Site> {
    removeLeftovers();
    const network = new Network();
    const folder = mkdtempSync(join(tmpdir(), 'realip-site-'));
    network.join('gateway', 1);
    const names = Array.from({ length: options.nodes ?? 1 }, (_, index) => `n${index + 1}`);
    const etcd =
      options.twoServers === true ? new LanEtcd(network.join('etcd', 8), '10.9.0.8', folder) : null;
    const serverAt = (port: string, number: number) =>
      new FarServer(
        { host: network.join(port, number), lanSwitch: network.switch, port, ip: `10.9.0.${number}` },
        ...([folder, names, etcd?.store] as const),
      );
    const servers: Servers =
      etcd === null ? [serverAt('server', 5)] : [serverAt('server', 5), serverAt('server2', 6)];
    const nodes = names.map((name, index) => {
      const host = index === 0 ? network.node : joinNode(network, name, 11 + index);
      const own = join(folder, name);
      mkdirSync(own);
      return new AgentNode(name, { host, network, servers, folder: own }, options.conf);
    });
    const site = new Site(network, { servers, etcd }, nodes, folder);
    try {
      await etcd?.start();
      for (const server of servers) {
        await server.start(...(options.serverFlags ?? []));
      }
      await site.#declare(options);
      return site;
    } catch (error) {
      await site.close();
      throw error;
    }
  }

  /** The first server. */
  get server(): FarServer {
    return this.servers[0];
  }

  /** The first node. */
  get node(): AgentNode {
    return this.#at(0);
  }

  /** The second node. */
  get secondNode(): AgentNode {
    return this.#at(1);
  }

  /** A host of the LAN that is neither node nor pod. */
  get other(): Host {
    return this.network.other;
  }

  /**
   * Waits until ledger, kernel and agents say the same: nothing leaked, nothing double. What the server refused once is
   * told again after a minute.
   *
   * @param withinMs milliseconds on a machine that does nothing else; longer on a busy one
   */
  async settled(withinMs = 120_000): Promise<void> {
    const began = Date.now();
    for (;;) {
      const left = await this.differences();
      if (left.length === 0) {
        return;
      }
      if (Date.now() - began > withinMs * slowness()) {
        throw new Error(
          `after ${Date.now() - began} ms ledger, kernel and agents differ:\n${left.join('\n')}`,
        );
      }
      await sleep(200);
    }
  }

  /** Where ledger, kernel and agents differ now. */
  differences(): Promise<string[]> {
    return differences(this.server, this.nodes);
  }

  async close(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.remove()));
    await Promise.all(this.servers.map((server) => server.remove()));
    await this.#etcd?.remove();
    this.network.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #at(index: number): AgentNode {
    const node = this.nodes[index];
    if (node === undefined) {
      throw new Error(`the site has ${this.nodes.length} nodes`);
    }
    return node;
  }

  async #declare({ lastOctet = 255, dualStack = false, cooldownSeconds = 120 }: SiteOptions): Promise<void> {
    const put = (path: string, body: object) => this.server.ask('PUT', `/v1/${path}`, body);
    await put('zones/real', { type: 'macvlan' });
    const lan = { zone: 'real', cidr: '10.9.0.0/16', gateway: '10.9.0.1', cooldownSeconds };
    await put('subnets/lan', lan);
    if (dualStack) {
      await put('subnets/lan6', { zone: 'real', cidr: 'fd00:9::/64', gateway: 'fd00:9::1', cooldownSeconds });
    }
    for (const [index, { name }] of this.nodes.entries()) {
      const number = index + 1;
      await put(`nodes/${name}`, { zone: 'real' });
      const own = { start: `10.9.${number}.0`, end: `10.9.${number}.${lastOctet}` };
      await put(`ranges/lan-${name}`, { subnet: 'lan', node: name, ...own });
      if (dualStack) {
        const own6 = { start: `fd00:9::${number}:1`, end: `fd00:9::${number}:ff` };
        await put(`ranges/lan6-${name}`, { subnet: 'lan6', node: name, ...own6 });
      }
    }
  }
}

function joinNode(network: Network, name: string, number: number): Host {
  const host = network.join(name, number);
  host.ip('route add default via 10.9.0.1');
  return host;
}
