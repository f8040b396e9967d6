import { lanPlan } from '../../core/lan/lan-plan.ts';
import { lanPlanText } from './lan-plan-text.ts';

test('a plan is a table of figures and limits, with cures and an advice', () => {
  const layout = {
    ...{ nodes: 100, podsPerNode: 100, dataplane: 'macvlan' as const, shim: true, vlans: 1, subnets: 1 },
    ...{ addressesPerPod: 1, reserve: 4, startsPerHour: 36, nodesPerSwitch: 20, isRouted: false },
    otherMacs: 0,
  };
  const text = lanPlanText(lanPlan(layout, { accessMacs: 8192, coreMacs: 32_768 }));
  expect(text.split('\n')).toEqual([
    '✘ MACs in an access switch               10100   of 8192',
    '  → "dataplane": "ptp" shows one MAC a node and VLAN; fewer pods a node, or VLANs that end at the access switch, help too',
    '✔ MACs in the core                       10100  of 32768',
    '  MACs at a node’s port                    101',
    '  MACs that a node’s card filters          102',
    '  neighbours of the gateway              10100',
    '  frames a second to all ports              14',
    '  the same when all nodes begin at once  307.7',
    '  of the frames a second: probes 8, announcements 2, re-checks 4',
    'ptp: too many: MACs in an access switch; behind their nodes the pods show none',
  ]);
});
