import type { V1Node, V1Pod } from '@kubernetes/client-node';
import type { Logger } from 'winston';
import { reasonOf } from '../../core/problem/problem.ts';
import { Seldom } from '../../service/seldom.ts';
import { Capacities, type Capacity } from '../capacity/capacities.ts';
import { changeOf, type NodeObject, nodeObjectOf, type WantedNode } from '../capacity/node-object.ts';
import { type Behind, nodesBehind } from '../capacity/turn.ts';
import type { Metrics } from '../http/metrics.ts';
import type { Ledger } from '../ledger/state/ledger.ts';
import type { Keeper } from '../store/keeper.ts';
import type { ApiServer } from './api-server.ts';
import { AskedPods, boundPods } from './asked-pods.ts';
import { Following } from './following.ts';
import { NodeObjects } from './node-objects.ts';

/** Changes of so long are taken together. */
const lookMs = 1_000;
/** Quarantines end without anything being written. */
const longestMs = 30_000;
/** So many nodes are written between two looks, and so many of them at a time: a large cluster is no storm. */
const most = 25;
const atATime = 5;
/** Milliseconds until a node that could not be written is tried again, doubled from the first to the last. */
const shortestPause = 1_000;
const longestPause = 30_000;

/** What it needs of the server. */
export interface NodeKeeperParts {
  readonly api: Pick<ApiServer, 'get' | 'lines' | 'merge'>;
  readonly ledger: Pick<Keeper, 'peek'>;
  readonly metrics: Pick<Metrics, 'kubeNodePatches' | 'kubeNodesSynced' | 'kubeNodesBehind'>;
  readonly log: Logger;
}

/**
 * Keeps the cluster's Nodes as the ledger has them: zone and type as labels, the taint of macvlan nodes, and how many
 * pods with an address each can have. The ledger never waits for it.
 */
export class NodeKeeper {
  readonly #parts: NodeKeeperParts;
  readonly #nodes = new NodeObjects();
  readonly #pods = new AskedPods();
  readonly #capacities = new Capacities();
  readonly #following: readonly Following<V1Node | V1Pod>[];
  readonly #pauses = new Map<string, { readonly until: number; readonly ms: number }>();
  readonly #seldom = new Seldom(60_000, () => performance.now());
  #timer: NodeJS.Timeout | null = null;
  #isLooking = false;
  #isDue = true;
  #lookedAt = 0;

  constructor(parts: NodeKeeperParts) {
    this.#parts = parts;
    this.#following = [
      this.#follow<V1Node>('nodes', {}, this.#nodes),
      this.#follow<V1Pod>('pods', boundPods, this.#pods),
    ];
  }

  start(): void {
    // From here its age is told.
    this.#parts.metrics.kubeNodesSynced.set(Date.now() / 1000);
    for (const each of this.#following) {
      void each.run();
    }
    this.#timer = setInterval(() => void this.#look(), lookMs);
  }

  stop(): void {
    if (this.#timer !== null) {
      clearInterval(this.#timer);
    }
    for (const each of this.#following) {
      each.stop();
    }
  }

  /** Tells that something was written to the ledger. */
  changed(): void {
    this.#isDue = true;
  }

  #follow<Body extends V1Node | V1Pod>(
    what: 'nodes' | 'pods',
    query: Readonly<Record<string, string>>,
    view: { begin(): void; put(object: Body): void; end(): void; remove(object: Body): void },
  ): Following<Body> {
    const { api, log } = this.#parts;
    let wasBroken = false;
    const changing = (change: (object: Body) => void) => (object: Body) => {
      change(object);
      this.#isDue = true;
    };
    return new Following<Body>(api, `/api/v1/${what}`, query, {
      begin: () => view.begin(),
      put: changing((object) => view.put(object)),
      remove: changing((object) => view.remove(object)),
      end: () => view.end(),
      live: () => {
        this.#isDue = true;
        if (wasBroken) {
          wasBroken = false;
          // What failed meanwhile failed for everybody.
          this.#pauses.clear();
          log.info(`the cluster’s ${what} are followed again`);
        }
      },
      broken: (reason) => {
        wasBroken = true;
        log.warn(`the cluster’s ${what} can’t be followed; their nodes stay as they are`, { reason });
      },
    });
  }

  async #look(): Promise<void> {
    const isDue = this.#isDue || Date.now() - this.#lookedAt > longestMs;
    if (this.#isLooking || !isDue || !this.#following.every(({ isLive }) => isLive)) {
      return;
    }
    this.#isLooking = true;
    try {
      const behind = this.#parts.ledger.peek((ledger, now) => this.#behind(ledger, now));
      if (behind !== null) {
        this.#isDue = false;
        this.#lookedAt = Date.now();
        await this.#write(behind);
      }
    } catch (error) {
      this.#parts.log.error('the nodes could not be kept', { reason: reasonOf(error) });
    } finally {
      this.#isLooking = false;
    }
  }

  #behind(ledger: Ledger, now: number): Behind[] {
    const capacities = this.#capacities.all(ledger, this.#pods, now);
    return nodesBehind(this.#nodes.all, wantedOf(ledger, capacities), capacities);
  }

  async #write(behind: readonly Behind[]): Promise<void> {
    const { kubeNodesBehind, kubeNodesSynced } = this.#parts.metrics;
    const now = Date.now();
    const names = new Set(behind.map(({ name }) => name));
    for (const name of this.#pauses.keys()) {
      if (!names.has(name)) {
        this.#pauses.delete(name);
      }
    }
    const turn = behind.filter(({ name }) => (this.#pauses.get(name)?.until ?? 0) <= now).slice(0, most);
    let left = behind.length;
    const queue = turn.values();
    const work = async () => {
      for (const each of queue) {
        left -= (await this.#keep(each)) ? 1 : 0;
      }
    };
    await Promise.all(Array.from({ length: atATime }, work));
    kubeNodesBehind.set(left);
    this.#isDue ||= left > 0;
    // Nodes that only wait for their turn are no trouble.
    if (this.#pauses.size === 0) {
      kubeNodesSynced.set(Date.now() / 1000);
    }
  }

  /** Writes what a Node lacks; reports whether it is then as it should be. */
  async #keep({ name, wanted }: Behind): Promise<boolean> {
    const { metrics, log } = this.#parts;
    const node = this.#nodes.all.get(name);
    if (node === undefined) {
      return true;
    }
    try {
      const written = await this.#patch(name, node, wanted);
      metrics.kubeNodePatches.inc({ result: written ? 'ok' : 'stale' });
      this.#pauses.delete(name);
      return written;
    } catch (error) {
      metrics.kubeNodePatches.inc({ result: 'failed' });
      const ms = Math.min(longestPause, 2 * (this.#pauses.get(name)?.ms ?? shortestPause / 2));
      this.#pauses.set(name, { until: Date.now() + ms, ms });
      const alsoSince = this.#seldom.tell('failed');
      if (alsoSince !== null) {
        log.warn('a node could not be written', { node: name, reason: reasonOf(error), alsoSince });
      }
      return false;
    }
  }

  /** The status first; false where the Node is gone or has changed meanwhile: the watch tells how. */
  async #patch(name: string, node: NodeObject, wanted: WantedNode | null): Promise<boolean> {
    const { api, log } = this.#parts;
    const path = `/api/v1/nodes/${name}`;
    let present = node;
    const { status } = changeOf(node, wanted);
    if (status !== null) {
      const after = await api.merge<V1Node>(`${path}/status`, status);
      if (after === null) {
        return false;
      }
      this.#nodes.put(after);
      present = nodeObjectOf(after);
    }
    const { object } = changeOf(present, wanted);
    if (object !== null) {
      const after = await api.merge<V1Node>(path, object);
      if (after === null) {
        return false;
      }
      this.#nodes.put(after);
      log.info('a node was labelled', { node: name, zone: wanted?.zone ?? null, type: wanted?.type ?? null });
    }
    return true;
  }
}

function wantedOf(ledger: Ledger, capacities: ReadonlyMap<string, Capacity>): Map<string, WantedNode> {
  const wanted = new Map<string, WantedNode>();
  for (const [name, { spec }] of ledger.nodes) {
    const type = ledger.zones.get(spec.zone)?.spec.type;
    if (type !== undefined) {
      wanted.set(name, { zone: spec.zone, type, pods: capacities.get(name)?.total ?? null });
    }
  }
  return wanted;
}
