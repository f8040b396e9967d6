import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cniPlugins } from '../parts/catalogue.ts';
import { goPart } from '../parts/go-part.ts';
import { ipIn, makeNamespace, prefix, removeNamespace } from './namespaces.ts';
import { realip, run } from './side.ts';

/** One end of a path: where it is and its address. */
export interface End {
  readonly namespace: string;
  readonly address: string;
}

/** A way between two nodes that is measured. */
export interface Path {
  readonly name: string;
  readonly ends: readonly [End, End];
}

const numbers = [1, 2] as const;
type Number = (typeof numbers)[number];

/** Two nodes on a switch with pods of every kind; the same cables lie under all of them. */
export class TwoNodes {
  readonly paths: readonly Path[];
  readonly #names: string[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), 'realip-bench-'));
  readonly #dist: string;

  constructor(dist: string) {
    this.#dist = dist;
    const lan = this.#namespace('switch');
    ipIn(lan, 'link add lan type bridge');
    ipIn(lan, 'link set lan up');
    for (const number of numbers) {
      this.#addNode(lan, number);
    }
    const both = (end: (number: Number) => End) => [end(1), end(2)] as const;
    this.paths = [
      { name: 'node', ends: both((number) => ({ namespace: node(number), address: `10.9.0.1${number}` })) },
      { name: 'macvlan', ends: both((number) => this.#addRealPod('macvlan', number)) },
      { name: 'ptp', ends: both((number) => this.#addRealPod('ptp', number)) },
      { name: 'bridge', ends: both((number) => this.#addBridgePod('bridge', number, 1500)) },
      { name: 'VXLAN', ends: both((number) => this.#addBridgePod('vxlan', number, 1450)) },
    ];
  }

  remove(): void {
    for (const name of this.#names.splice(0).reverse()) {
      removeNamespace(name);
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #namespace(name: string): string {
    const namespace = `${prefix}${name}`;
    makeNamespace(namespace);
    this.#names.push(namespace);
    return namespace;
  }

  #addNode(lan: string, number: Number): void {
    const namespace = this.#namespace(`node-${number}`);
    ipIn(lan, `link add port-${number} type veth peer name eth0 netns ${namespace}`);
    ipIn(lan, `link set port-${number} master lan up`);
    ipIn(namespace, `address add 10.9.0.1${number}/16 dev eth0`);
    ipIn(namespace, 'link set eth0 up');
    const forwarding = ['sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward'];
    spawnSync('ip', ['netns', 'exec', namespace, ...forwarding]);
  }

  /** A pod of realip, with addresses of host-local: the path is measured here, not the ledger. */
  #addRealPod(dataplane: 'macvlan' | 'ptp', number: Number): End {
    const pod = this.#namespace(`${dataplane}-${number}`);
    const address = `10.9.${dataplane === 'macvlan' ? 1 : 2}.${number}`;
    const range = { subnet: '10.9.0.0/16', rangeStart: address, rangeEnd: address };
    const ipam = {
      type: 'host-local',
      dataDir: join(this.#folder, dataplane, `${number}`),
      ranges: [[range]],
    };
    // Where it is found that the ledger isn't asked, nothing is asked of the master's default route either.
    const side = realip(this.#dist, ipam, {
      dataplane,
      ...(dataplane === 'macvlan' && { hostAccess: 'none' }),
    });
    const path = goPart(cniPlugins);
    run(
      { ...side, path },
      { node: node(number), pod, command: 'ADD', containerId: `${dataplane}-${number}` },
    );
    return { namespace: pod, address };
  }

  /** As flannel does it: a bridge a node, and routes between the nodes, plain (host-gw) or through a tunnel. */
  #addBridgePod(kind: 'bridge' | 'vxlan', number: Number, mtu: number): End {
    const here = node(number);
    const other = 3 - number;
    const pod = this.#namespace(`${kind}-${number}`);
    const net = kind === 'bridge' ? '10.20' : '10.30';
    const address = `${net}.${number}.7`;
    ipIn(here, `link add ${kind} mtu ${mtu} type bridge`);
    ipIn(here, `address add ${net}.${number}.1/24 dev ${kind}`);
    ipIn(here, `link set ${kind} up`);
    ipIn(here, `link add pod-${kind} mtu ${mtu} type veth peer name eth0 mtu ${mtu} netns ${pod}`);
    ipIn(here, `link set pod-${kind} master ${kind} up`);
    ipIn(pod, `address add ${address}/24 dev eth0`);
    ipIn(pod, 'link set eth0 up');
    ipIn(pod, `route add default via ${net}.${number}.1`);
    if (kind === 'bridge') {
      ipIn(here, `route add ${net}.${other}.0/24 via 10.9.0.1${other}`);
    } else {
      const tunnel = `type vxlan id 1 dstport 8472 local 10.9.0.1${number} remote 10.9.0.1${other}`;
      ipIn(here, `link add flannel.1 ${tunnel}`);
      ipIn(here, `address add ${net}.${number}.0/32 dev flannel.1`);
      ipIn(here, 'link set flannel.1 up');
      ipIn(here, `route add ${net}.${other}.0/24 via ${net}.${other}.0 dev flannel.1 onlink`);
    }
    return { namespace: pod, address };
  }
}

function node(number: Number): string {
  return `${prefix}node-${number}`;
}
