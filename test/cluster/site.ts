import { ControlPlane } from './control-plane.ts';
import { Machine } from './machine/machine.ts';
import { Lan } from './network.ts';
import { LiveNode } from './node/node.ts';
import type { Place } from './place.ts';
import { type NodePlan, nodes, spare } from './plan.ts';

/** Where a cluster's namespaces, disks and daemons are, whether or not they run. */
export interface Site {
  readonly place: Place;
  readonly lan: Lan;
  readonly controlPlane: ControlPlane;
  readonly nodes: readonly LiveNode[];
  /** It is there for a while only. */
  readonly spare: LiveNode;
}

export function siteOf(place: Place): Site {
  const lan = new Lan(place);
  const machine = (name: string) => new Machine(name, place.namespace(name), place.file('machines', name));
  const node = (plan: NodePlan) => new LiveNode(plan, machine(plan.name), place, lan);
  return {
    place,
    lan,
    controlPlane: new ControlPlane(machine('control-plane'), place),
    nodes: nodes.map(node),
    spare: node(spare),
  };
}
