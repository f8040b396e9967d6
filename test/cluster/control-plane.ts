import { join } from 'node:path';
import {
  apiServerFlags,
  controllerManagerFlags,
  etcdFlags,
  type Place as Ports,
  schedulerFlags,
} from '../kube/control-plane.ts';
import { relay } from '../kube/relay.ts';
import { etcd, kubernetes } from '../parts/catalogue.ts';
import { goPart } from '../parts/go-part.ts';
import type { Daemon, Machine } from './machine/machine.ts';
import type { Place } from './place.ts';
import { controlPlane, ipamServer } from './plan.ts';

const names = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;
type Name = (typeof names)[number];

/** The machine with etcd and Kubernetes' control plane; each program can be killed and started again. */
export class ControlPlane {
  readonly machine: Machine;
  readonly #place: Place;

  constructor(machine: Machine, place: Place) {
    this.machine = machine;
    this.#place = place;
  }

  /** A socket file by which everybody on this machine reaches the API server. */
  get socket(): string {
    return this.#place.file('api.sock');
  }

  /** The same for the IPAM server. */
  get ledgerSocket(): string {
    return this.#place.file('ledger.sock');
  }

  /** Starts what the API server needs, and it; they are not ready yet. */
  begin(): void {
    this.start('etcd');
    this.start('kube-apiserver');
    this.machine.start({
      name: 'relay',
      command: relay({ path: this.socket }, { port: controlPlane.apiPort }),
    });
    const { address: host, port } = ipamServer;
    const toLedger = relay({ path: this.ledgerSocket }, { port, host });
    this.machine.start({ name: 'ledger-relay', command: toLedger });
  }

  /** Starts a program that doesn't run. */
  start(name: Name): void {
    this.machine.start(this.#daemon(name));
  }

  /** Ends a program with -9. */
  kill(name: Name): Promise<void> {
    return this.machine.kill(name);
  }

  #daemon(name: Name): Daemon {
    const kubeconfig = (client: string) => this.#place.file(`${client}.kubeconfig`);
    const ports: Ports = { folder: this.#place.folder, ...controlPlane, kubelets: true };
    const flags = {
      etcd: () => etcdFlags(ports),
      'kube-apiserver': () => apiServerFlags(ports),
      'kube-controller-manager': () => controllerManagerFlags(ports, kubeconfig('controller-manager')),
      'kube-scheduler': () => schedulerFlags(kubeconfig('scheduler')),
    }[name];
    return { name, command: [join(goPart(name === 'etcd' ? etcd : kubernetes), name), ...flags()] };
  }
}
