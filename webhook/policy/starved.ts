import { decide } from './decide.ts';
import type { Report } from './field-meaning.ts';
import type { Pod } from './pod.ts';
import type { Policy } from './policy.ts';

/** What every cluster needs where its ClusterIPs are; names as kubeadm, upstream and the usual charts give them. */
const system = [
  { what: 'the cluster’s DNS', app: 'kube-dns', names: ['kube-dns', 'coredns'] },
  { what: 'metrics-server', app: 'metrics-server', names: ['metrics-server'] },
];
const nameLabels = ['app.kubernetes.io/name', 'app'];

/** System pods that no rule means, but that a rule or the default sends to real-IP nodes. */
export function findStarved(policy: Policy, report: Report): void {
  const starved = new Map<string, string[]>();
  for (const { what, app, names } of system) {
    // A pod that has one of the names under every label may be meant by any rule: only what none means is told.
    const deciders = names.map((name) => deciderFor(policy, systemPod(app, name)));
    const [by] = deciders;
    if (by && deciders.every((decider) => decider !== null)) {
      starved.set(by, [...(starved.get(by) ?? []), `${what} (k8s-app=${app})`]);
    }
  }
  for (const [by, pods] of starved) {
    const index = policy.rules.findIndex(({ name }) => name === by);
    const what = index === -1 ? 'the default' : `rule "${by}"`;
    report.at(
      index === -1 ? ['default'] : ['rules', index],
      `${what} sends ${pods.join(' and ')} of kube-system to real-IP nodes; give them a rule before it`,
    );
  }
}

/** Who sends the pod to real-IP nodes without meaning it by one of its labels; null when nobody does. */
function deciderFor(policy: Policy, pod: Pod): string | null {
  const namespaceLabels = { 'kubernetes.io/metadata.name': 'kube-system' };
  const decision = decide(policy, { pod, namespace: 'kube-system', namespaceLabels });
  if (decision.kind !== 'placed' || decision.zone?.type !== 'macvlan') {
    return null;
  }
  const rule = policy.rules.find(({ name }) => name === decision.by);
  return Object.keys(rule?.match.labels ?? {}).length > 0 ? null : decision.by;
}

function systemPod(app: string, name: string): Pod {
  const labels = Object.fromEntries(nameLabels.map((key) => [key, name]));
  return {
    metadata: {
      labels: { ...labels, 'k8s-app': app, 'pod-template-hash': '0' },
      ownerReferences: [{ kind: 'ReplicaSet', controller: true }],
    },
    spec: { serviceAccountName: name },
  };
}
