import { Host } from './host.ts';

let count = 0;
/** Tests of one process have this file loaded anew for each of theirs, and one that ran out of time leaves its own. */
const since = Date.now().toString(36);

/**
 * A LAN 10.9.0.0/16 and fd00:9::/64: a switch, a node (10.9.0.11) and a host that is neither node nor pod
 * (10.9.0.99), each by its `eth0`. Everything is removed with `remove`, pods included.
 */
export class Network {
  readonly switch: Host;
  readonly node: Host;
  readonly other: Host;
  readonly #prefix = `rk${process.pid}-${since}${++count}`;
  readonly #hosts: Host[] = [];

  constructor() {
    this.switch = this.#host('sw');
    this.switch.ip('link add lan type bridge');
    this.switch.ip('link set lan up');
    this.node = this.#host('node');
    this.other = this.#host('other');
    this.#join(this.node, 'node', 11);
    this.#join(this.other, 'other', 99);
    this.node.ip('route add default via 10.9.0.1');
  }

  /** An empty network namespace, as a runtime makes it for a pod. */
  pod(name: string): Host {
    return this.#host(name);
  }

  /** One more host on the LAN, 10.9.0.`number` and fd00:9::`number`. */
  join(name: string, number: number): Host {
    const host = this.#host(name);
    this.#join(host, name, number);
    return host;
  }

  remove(): void {
    for (const host of this.#hosts.splice(0).reverse()) {
      host.remove();
    }
  }

  #host(name: string): Host {
    const host = new Host(`${this.#prefix}-${name}`);
    this.#hosts.push(host);
    return host;
  }

  #join(host: Host, port: string, number: number): void {
    this.switch.ip(`link add ${port} type veth peer name eth0 netns ${host.name}`);
    this.switch.ip(`link set ${port} master lan up`);
    host.ip('link set eth0 up');
    host.ip(`address add 10.9.0.${number}/16 dev eth0`);
    host.ip(`address add fd00:9::${number}/64 dev eth0 nodad`);
  }
}
