import type { Link } from '../../../netlink/message/link.ts';
import type { Plan } from '../plan.ts';
import type { Site } from '../site.bun.ts';
import type { Undo } from '../undo.ts';

/** The host's way to a pod. */
export interface HostAccess {
  /**
   * Leads the host to the pod, before the pod's interface gets its addresses.
   *
   * @param link the pod's interface
   * @param undo takes each step's undoing
   */
  lead(site: Site, link: Link, plan: Plan, undo: Undo): void;

  /** Leads the pod to the host by what it has beside its interface, which has its addresses by now. */
  arrive?(site: Site, link: Link, plan: Plan): void;

  /** What the host lacks, each in a sentence. */
  faults(site: Site, link: Link, plan: Plan): string[];
}
