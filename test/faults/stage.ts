import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from '../kernel/host.ts';
import { IpamServer } from '../kernel/ipam.ts';
import { Network } from '../kernel/network.ts';
import { Plugin } from '../kernel/plugin.ts';

/** A node with the real server and the plugin, and a look at whatever may be left behind. */
export class Stage {
  readonly network: Network;
  readonly ipam: IpamServer;
  readonly plugin: Plugin;
  readonly folder: string;
  readonly #before: string;

  private constructor(network: Network, ipam: IpamServer, conf: object) {
    this.network = network;
    this.ipam = ipam;
    this.folder = mkdtempSync(join(tmpdir(), 'realip-faults-'));
    this.plugin = new Plugin(network.node, conf);
    this.#before = this.#hostSide();
  }

  /** @param conf what differs from a dual-stack macvlan network */
  static async open(conf: object = {}): Promise<Stage> {
    const network = new Network();
    try {
      const ipam = await IpamServer.start(network.node);
      ipam.prepare({ start: '10.9.1.0', end: '10.9.1.255' });
      ipam.prepareIpv6();
      return new Stage(network, ipam, conf);
    } catch (error) {
      network.remove();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.ipam.stop();
    this.network.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** What node and pod have that they had not before the first pod, the shim apart: it stays by design. */
  leftovers(pod?: Host): string[] {
    const found = this.#hostSide() === this.#before ? [] : [`host: ${this.#hostSide()}`];
    const inPod = pod === undefined ? [] : pod.ask('link show').map(({ ifname }) => ifname);
    return [...found, ...inPod.filter((name) => name !== 'lo').map((name) => `pod: ${name}`)];
  }

  /** Takes the shim away, so that the next ADD makes it anew. */
  dropShim(): void {
    for (const { ifname } of this.#shims()) {
      this.network.node.ip(`link delete ${ifname}`);
    }
  }

  #shims(): { ifname: string; ifindex: number }[] {
    return this.network.node.ask('link show').filter(({ ifname }) => /^realip\d+$/.test(ifname));
  }

  #hostSide(): string {
    const { node } = this.network;
    const shims = new Set(this.#shims().map(({ ifname }) => ifname));
    const isOfPods = ({ dev }: { dev?: string }) => dev !== undefined && shims.has(dev);
    const links = node.ask('link show').map(({ ifname }) => ifname);
    const routes = [...node.ask('-4 route show table all'), ...node.ask('-6 route show table all')];
    const neighbours = [...node.ask('neigh show nud all'), ...node.ask('neigh show proxy')];
    return [
      ...links.filter((name) => !shims.has(name)),
      // What the kernel itself gives an interface without addresses are multicast routes and neighbours of no pod.
      ...routes.filter((route) => route.protocol === '82' || (isOfPods(route) && route.type !== 'multicast')),
      ...neighbours.filter((each) => each.proxy !== undefined || each.state?.includes('PERMANENT')),
    ]
      .map((each) => JSON.stringify(each))
      .join('\n');
  }
}
