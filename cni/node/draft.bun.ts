import type { Ip } from '../../core/address/ip.ts';
import { Problem } from '../../core/problem/problem.ts';
import type { Link } from '../../netlink/message/link.ts';
import { isErrno } from '../../netlink/message/netlink-error.ts';
import type { Claim } from '../probe/claim.ts';
import { forwardingFaults } from './access/forwarding.bun.ts';
import { ensureMasquerade } from './access/masquerade.bun.ts';
import { Asker } from './asker.bun.ts';
import { dataplaneOf, hostAccessOf } from './choice.bun.ts';
import type { Draft, HostEnd } from './node.ts';
import type { Plan, Sketch } from './plan.ts';
import { furnish, tune } from './pod/furnishing.bun.ts';
import type { Site } from './site.bun.ts';
import { Undo } from './undo.ts';

/** A pod's interface in the making; whatever fails takes back all that was made. */
export class KernelDraft implements Draft {
  readonly #site: Site;
  readonly #link: Link;
  readonly #warn: (message: string) => void;
  readonly #asker: Asker;
  readonly #undo = new Undo();

  private constructor(site: Site, link: Link, isOnLan: boolean, warn: (message: string) => void) {
    this.#site = site;
    this.#link = link;
    this.#warn = warn;
    this.#asker = new Asker(site, link, isOnLan);
    // Its addresses, routes and neighbours go with it.
    this.#undo.push(`delete ${link.name}`, () => site.pod.netlink.links.delete(link));
  }

  static make(site: Site, sketch: Sketch, warn: (message: string) => void): KernelDraft {
    const dataplane = dataplaneOf(sketch);
    const draft = new KernelDraft(site, dataplane.make(site, sketch), dataplane.isOnLan, warn);
    draft.#orNothing(() => {
      tune(site.pod, sketch);
      prepareHost(sketch, warn);
    });
    return draft;
  }

  get hostEnd(): HostEnd | undefined {
    const { kind, parentIndex } = this.#link;
    // The kernel tells a pair's other end as its parent.
    const end =
      kind === 'veth' && parentIndex !== undefined ? this.#site.host.links.find(parentIndex) : undefined;
    return end?.mac && { name: end.name, mac: end.mac };
  }

  probe(ips: readonly Ip[], alias: string): Claim[] {
    return this.#orNothing(() => this.#asker.ask(ips, alias, this.#warn));
  }

  complete(plan: Plan, alias: string): void {
    this.#orNothing(() => {
      const access = plan.host && hostAccessOf(plan.host);
      access?.lead(this.#site, this.#link, plan, this.#undo);
      try {
        furnish(this.#site.pod, this.#link, plan, alias);
      } catch (error) {
        throw isErrno(error, 'EADDRINUSE') ? macTaken(this.#site, plan, error) : error;
      }
      access?.arrive?.(this.#site, this.#link, plan);
      this.#asker.settle();
    });
  }

  discard(): void {
    this.#undo.run(this.#warn);
  }

  #orNothing<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      this.discard();
      throw error;
    }
  }
}

/** What the host needs in order to forward what pods send by it; it stays, for all its pods. */
function prepareHost({ forwards }: Sketch, warn: (message: string) => void): void {
  if (forwards.length > 0) {
    ensureMasquerade(warn);
    forwardingFaults(forwards).forEach(warn);
  }
}

/** A macvlan can't go up with a MAC that its parent or one of its siblings has (drivers/net/macvlan.c). */
function macTaken({ host, master }: Site, { mac }: Plan, error: Error): Problem {
  const isMasters = host.links.find(master.index)?.mac?.equals(mac) ?? false;
  const who = isMasters ? `is ${master.name}'s own` : `is another interface's on ${master.name}`;
  return new Problem('KERNEL_REFUSED', `the MAC ${mac} ${who}: ${error.message}`, {}, error);
}
