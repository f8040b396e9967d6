import { join } from 'node:path';
import type { Host } from '../kernel/host.ts';
import { Admin } from '../kube/admin.ts';
import { kubernetes } from '../parts/catalogue.ts';
import { goPart } from '../parts/go-part.ts';
import { until } from '../server/until.ts';
import { isReady } from './conditions.ts';
import type { ControlPlane } from './control-plane.ts';
import { adminFolder } from './install/admin-shell.ts';
import { Ledger } from './ledger.ts';
import { removeCluster } from './leftovers.ts';
import type { LiveNode } from './node/node.ts';
import { Place } from './place.ts';
import { controlPlane, ipamServer, nodes } from './plan.ts';
import type { Tell } from './progress.ts';
import { raise } from './raise.ts';
import { type Site, siteOf } from './site.ts';
import { readState } from './state.ts';

/** Generous: the machine beneath may be busy with other things. */
const longestMs = 180_000;

/** A pod as one writes it. */
export interface PodManifest {
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [more: string]: unknown };
  readonly spec: object;
}

/** A real Kubernetes cluster in namespaces of this machine; it lives on when this process ends, until `down`. */
export class LiveCluster extends Admin {
  readonly name: string;
  readonly #site: Site;
  #ledger: Ledger | undefined;

  private constructor(site: Site) {
    super({
      folder: site.place.folder,
      url: `https://${controlPlane.address}:${controlPlane.apiPort}`,
      socket: site.controlPlane.socket,
      entering: ['nsenter', `--net=${site.controlPlane.machine.host.path}`],
      kubectl: join(goPart(kubernetes), 'kubectl'),
    });
    this.name = site.place.name;
    this.#site = site;
  }

  /**
   * Brings a cluster up, in place of what may be left of one.
   *
   * @param bare without realip: flannel serves all nodes
   * @param images archives of more images that its nodes are to have
   * @throws Error with the step that failed; what was made is left to be looked at, and goes with `down`
   */
  static async up({
    name,
    bare = false,
    images = [],
    tell = () => {},
  }: {
    name: string;
    bare?: boolean;
    images?: readonly string[];
    tell?: Tell;
  }): Promise<LiveCluster> {
    const place = new Place(name);
    const site = siteOf(place);
    return await raise(site, () => new LiveCluster(site), { bare, images, tell });
  }

  /** The cluster of that name that is up; null where there is none. */
  static attach(name: string): LiveCluster | null {
    const site = siteOf(new Place(name));
    const isUp = readState(site.place)?.phase === 'up' && site.controlPlane.machine.isOn;
    return isUp ? new LiveCluster(site) : null;
  }

  /**
   * The cluster that the test files of a run share. It goes at the end of the run, unless REALIP_CLUSTER_KEEP=1. With
   * REALIP_CLUSTER the cluster of that name is used as it is, when it is up and well; else only one of this run is
   * trusted to be made of what is to be tested.
   */
  static async shared(): Promise<LiveCluster> {
    const chosen = process.env['REALIP_CLUSTER'];
    const name = chosen ?? 'test';
    const isTrusted =
      chosen !== undefined || readState(new Place(name))?.run === process.env['REALIP_TEST_RUN'];
    const found = isTrusted ? LiveCluster.attach(name) : null;
    if (found !== null && (await found.isWell())) {
      return found;
    }
    found?.close();
    return await LiveCluster.up({ name, tell: (line) => process.stderr.write(`${line}\n`) });
  }

  /** Reports whether the API server answers, and has the nodes of the plan and no other, every one Ready. */
  async isWell(): Promise<boolean> {
    const { status, body } = await this.call('GET', '/api/v1/nodes').catch(() => ({ status: 0, body: {} }));
    return status === 200 && body.items.length === nodes.length && body.items.every(isReady);
  }

  /** The IPAM server, as its admin calls it; @throws Error where realip isn't installed */
  get ledger(): Ledger {
    const { address, port } = ipamServer;
    this.#ledger ??= new Ledger(
      `https://${address}:${port}`,
      adminFolder(this.folder),
      this.controlPlane.ledgerSocket,
    );
    return this.#ledger;
  }

  get controlPlane(): ControlPlane {
    return this.#site.controlPlane;
  }

  /** Those of the plan; the spare one, too, while it is on. */
  get nodes(): readonly LiveNode[] {
    const { nodes, spare } = this.#site;
    return spare.machine.isOn ? [...nodes, spare] : nodes;
  }

  /** The node that no cluster has from the beginning: see `joinSpare`. */
  get spare(): LiveNode {
    return this.#site.spare;
  }

  /** @throws Error when there is no such node */
  node(name: string): LiveNode {
    const found = this.nodes.find((each) => each.name === name);
    if (found === undefined) {
      throw new Error(`the cluster has no node ${name}`);
    }
    return found;
  }

  /** A host in another network, behind the router. */
  get office(): Host {
    return this.#site.lan.host('office');
  }

  /** The switch: a sniffer on its bridge `lan` hears all. */
  get wire(): Host {
    return this.#site.lan.host('switch');
  }

  /** Makes a pod and waits until it is Running and Ready; its object. */
  async runPod(pod: PodManifest) {
    const { name, namespace = 'default' } = pod.metadata;
    await this.must('POST', `/api/v1/namespaces/${namespace}/pods`, {
      apiVersion: 'v1',
      kind: 'Pod',
      ...pod,
    });
    return await this.waitRunning(name, namespace);
  }

  /** Waits until a pod is Running and Ready; its object. @throws Error with its conditions after three minutes */
  async waitRunning(name: string, namespace = 'default') {
    const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
    let pod = await this.must('GET', path);
    await until(
      `the pod ${namespace}/${name} is ready`,
      async () => {
        pod = await this.must('GET', path);
        return isReady(pod);
      },
      longestMs,
    ).catch((error: Error) => {
      throw new Error(`${error.message}: ${JSON.stringify(pod.status)}`);
    });
    return pod;
  }

  /** Ends connections; the cluster stays. */
  override close(): void {
    super.close();
    this.#ledger?.close();
  }

  /** Removes it, with all that belongs to it. */
  async down(): Promise<void> {
    this.close();
    await removeCluster(this.#site.place);
  }
}
