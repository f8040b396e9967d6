import { join } from 'node:path';
import { Host } from '../kernel/host.ts';
import { Daemon } from './daemon.ts';
import { relay } from './relay.ts';

let count = 0;

/** What a command begins with to run in a network namespace: `nsenter` becomes it, so that it gets its own signals. */
export function entering(host: Host): readonly string[] {
  return ['nsenter', `--net=${host.path}`];
}

/** The network namespace of a cluster: nothing leaves it, and its addresses are free for Services and pods. */
export class ClusterNetwork {
  /** The control plane's own. */
  readonly address = '10.9.0.10';
  /** A socket file by which the machine reaches the API server. */
  readonly socket: string;
  readonly #host: Host;
  readonly #relay: Daemon;

  constructor(folder: string, apiPort: number) {
    this.#host = new Host(`realip-kube-${process.pid}-${count++}`);
    this.#host.ip('link add eth0 type veth peer name wire');
    this.#host.ip('link set wire up');
    this.#host.ip(`address add ${this.address}/16 dev eth0`);
    this.#host.ip('link set eth0 up');
    this.#host.ip('link add pods type bridge');
    this.#host.ip('address add 10.244.255.254/16 dev pods');
    this.#host.ip('link set pods up');
    // What kube-proxy leads elsewhere must have a way to begin with.
    this.#host.ip('route add default dev eth0');
    this.socket = join(folder, 'api.sock');
    this.#relay = new Daemon(
      [...this.entering, ...relay({ path: this.socket }, { port: apiPort })],
      join(folder, 'relay.log'),
    );
  }

  /** What a command begins with to run inside. */
  get entering(): readonly string[] {
    return entering(this.#host);
  }

  /** A network namespace for a pod, whose address the control plane and Services reach; to be `remove`d. */
  addPod(ip: string): Host {
    const pod = new Host(`${this.#host.name}-${ip.replaceAll('.', '-')}`);
    const wire = `pod${ip.split('.').slice(2).join('-')}`;
    this.#host.ip(`link add ${wire} type veth peer name eth0 netns ${pod.name}`);
    this.#host.ip(`link set ${wire} master pods up`);
    pod.ip(`address add ${ip}/16 dev eth0`);
    pod.ip('link set eth0 up');
    pod.ip('route add default via 10.244.255.254');
    return pod;
  }

  async stop(): Promise<void> {
    await this.#relay.stop();
    this.#host.remove();
  }
}
