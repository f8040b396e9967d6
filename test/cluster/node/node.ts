import { join } from 'node:path';
import type { Host, Outcome } from '../../kernel/host.ts';
import { proxyFlags } from '../../kube/control-plane.ts';
import { kubernetes } from '../../parts/catalogue.ts';
import { goPart } from '../../parts/go-part.ts';
import { removeCgroups } from '../../runtimes/leftovers.ts';
import { until } from '../../server/until.ts';
import { makeCgroup } from '../cgroups.ts';
import { partRefs } from '../image/part-images.ts';
import type { Daemon, Machine } from '../machine/machine.ts';
import type { Lan } from '../network.ts';
import type { Place } from '../place.ts';
import type { NodePlan } from '../plan.ts';
import { containerdOf, isServing } from './containerd.ts';
import { kubeletOf } from './kubelet.ts';
import { flannelOf, subnetOf } from './overlay.ts';

const names = ['containerd', 'kubelet', 'kube-proxy', 'flanneld'] as const;
type Name = (typeof names)[number];

const longestMs = 120_000;

/** A node: a machine with kubelet, containerd, kube-proxy and flanneld. */
export class LiveNode {
  readonly plan: NodePlan;
  readonly machine: Machine;
  readonly #place: Place;
  readonly #lan: Lan;

  constructor(plan: NodePlan, machine: Machine, place: Place, lan: Lan) {
    this.plan = plan;
    this.machine = machine;
    this.#place = place;
    this.#lan = lan;
  }

  get name(): string {
    return this.plan.name;
  }

  get address(): string {
    return this.plan.address;
  }

  get zone(): string {
    return this.plan.zone;
  }

  /** Its network namespace. */
  get host(): Host {
    return this.machine.host;
  }

  /** Runs a command on it, among its own interfaces, mounts and processes. */
  enter(command: readonly string[], input = ''): Promise<Outcome> {
    return this.machine.enter(command, input);
  }

  /** Starts a daemon that doesn't run. */
  start(name: Name): void {
    this.machine.start(this.#daemon(name));
  }

  /** Ends a daemon with -9; its children (shims, pods) live on. */
  kill(name: Name): Promise<void> {
    return this.machine.kill(name);
  }

  /** Gives a new machine its network and its cable. */
  plugIn(): void {
    this.#lan.connect(this.name);
  }

  /** Switches it on with containerd. */
  async boot(): Promise<void> {
    makeCgroup(this.#cgroup);
    await this.machine.powerOn();
    this.start('containerd');
    await until(`containerd serves on ${this.name}`, () => isServing(this.machine), longestMs);
  }

  /** Cuts its power and its cable: every process and mount, and all that its kernel knew, is gone. */
  async powerOff(): Promise<void> {
    await this.machine.powerOff();
    this.#lan.disconnect(this.name);
    // A kubelet that finds cgroups of containers which containerd doesn't have looks at each for seconds, one by one.
    await removeCgroups(this.#cgroup);
  }

  /** Switches it on again, on the same disk. */
  async powerOn(): Promise<void> {
    this.plugIn();
    await this.boot();
    await until(
      `flannel is up on ${this.name}`,
      async () => {
        // A kubelet ends where containerd has yet to look through its disk, flanneld where there is no Node: systemd and
        // DaemonSet start them again.
        for (const name of ['kubelet', 'kube-proxy', 'flanneld'] as const) {
          if (!this.machine.isRunning(name)) {
            this.start(name);
          }
        }
        return (await subnetOf(this.machine)) !== null;
      },
      longestMs,
    );
  }

  get #cgroup(): string {
    return `${this.#place.cgroup}/${this.name}`;
  }

  #daemon(name: Name): Daemon {
    const kubeconfig = (client: string) => this.#place.file(`${client}.kubeconfig`);
    switch (name) {
      case 'containerd':
        return containerdOf(this.machine, partRefs.pause);
      case 'kubelet': {
        const ca = this.#place.file('ca.crt');
        const cgroup = this.#cgroup;
        return kubeletOf(this.machine, this.plan, { ca, kubeconfig: kubeconfig(this.name), cgroup });
      }
      case 'kube-proxy': {
        const flags = proxyFlags(kubeconfig('proxy'), this.address, this.name, 'iptables');
        return { name, command: [join(goPart(kubernetes), name), ...flags] };
      }
      case 'flanneld':
        return flannelOf(this.machine, this.name, kubeconfig('flannel'));
    }
  }
}
