import type { Link } from '../../netlink/message/link.ts';
import type { Netlink } from '../../netlink/netlink.bun.ts';
import { furnish, makeMacvlan, tune } from './macvlan.bun.ts';
import type { Draft, Master } from './node.ts';
import type { Plan, Sketch } from './plan.ts';
import type { KernelPod } from './pod.bun.ts';
import { Shim } from './shim.bun.ts';
import { Undo } from './undo.ts';

/** What a draft is made in. */
export interface Site {
  readonly host: Netlink;
  readonly pod: KernelPod;
  readonly master: Master;
  readonly warn: (message: string) => void;
}

/** A pod's interface in the making; whatever fails takes back all that was made. */
export class KernelDraft implements Draft {
  readonly #site: Site;
  readonly #link: Link;
  readonly #undo = new Undo();

  private constructor(site: Site, link: Link) {
    this.#site = site;
    this.#link = link;
    // Its addresses, routes and neighbours go with it.
    this.#undo.push(`delete ${link.name}`, () => site.pod.netlink.links.delete(link));
  }

  static make(site: Site, sketch: Sketch): KernelDraft {
    const draft = new KernelDraft(site, makeMacvlan(site.host, site.pod, site.master, sketch));
    draft.#orNothing(() => tune(site.pod, sketch));
    return draft;
  }

  complete(plan: Plan, alias: string): void {
    this.#orNothing(() => {
      if (plan.host !== undefined) {
        this.#leadHost(plan.host, plan);
      }
      furnish(this.#site.pod, this.#link, plan, alias);
    });
  }

  discard(): void {
    this.#undo.run(this.#site.warn);
  }

  #leadHost({ ips, source }: NonNullable<Plan['host']>, { mac }: Plan): void {
    const shim = Shim.ensure(this.#site.host, this.#site.master);
    for (const ip of ips) {
      this.#undo.push(`delete the host's route to ${ip}`, () => shim.removePod(ip));
      shim.addPod(ip, mac, source);
    }
  }

  #orNothing(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.discard();
      throw error;
    }
  }
}
