import { Host } from '../kernel/host.ts';
import type { Place } from './place.ts';
import { controlPlane, ipamServer, lan, nodes, office, overlayRange, serviceRange, spare } from './plan.ts';

const machines = [
  { name: 'control-plane', address: controlPlane.address as string },
  ...nodes.map(({ name, address }) => ({ name, address })),
];

/** The LAN: a switch with every machine on it, and a router with the office behind it. */
export class Lan {
  readonly #place: Place;

  constructor(place: Place) {
    this.#place = place;
  }

  /** Lays the cables. */
  build(): void {
    const wire = new Host(this.#place.namespace('switch'));
    wire.ip('link add lan type bridge');
    wire.ip('link set lan up');
    const router = new Host(this.#place.namespace('router'));
    const desk = new Host(this.#place.namespace('office'));
    this.#plugIn(router, 'router', lan.gateway);
    router.ip(`link add eth1 type veth peer name eth0 netns ${desk.name}`);
    router.ip(`address add ${office.gateway}/${office.bits} dev eth1`);
    router.ip('link set eth1 up');
    router.sysctl('net/ipv4/ip_forward', '1');
    desk.ip(`address add ${office.address}/${office.bits} dev eth0`);
    desk.ip('link set eth0 up');
    desk.ip(`route add default via ${office.gateway}`);
    for (const { name } of machines) {
      this.connect(name);
    }
    // It is no node: Services and the overlay it reaches by way of one.
    for (const range of [serviceRange, overlayRange]) {
      this.host('control-plane').ip(`route add ${range} via ${ipamServer.address}`);
    }
  }

  host(name: string): Host {
    return new Host(this.#place.namespace(name), true);
  }

  /** Gives a machine its network namespace, cable and address. */
  connect(name: string): void {
    const host = new Host(this.#place.namespace(name));
    const address = [...machines, spare].find((each) => each.name === name)?.address ?? '';
    this.#plugIn(host, name, address);
    host.ip(`route add default via ${lan.gateway}`);
    // Inherited from the machine's own, whatever that is.
    host.sysctl('net/ipv4/ip_forward', '1');
  }

  /** Takes them away again. */
  disconnect(name: string): void {
    this.host('switch').ip(`link delete ${name}`);
    this.host(name).remove();
  }

  #plugIn(host: Host, cable: string, address: string): void {
    const wire = this.host('switch');
    wire.ip(`link add ${cable} type veth peer name eth0 netns ${host.name}`);
    wire.ip(`link set ${cable} master lan up`);
    host.ip(`address add ${address}/${lan.bits} dev eth0`);
    host.ip('link set eth0 up');
  }
}
