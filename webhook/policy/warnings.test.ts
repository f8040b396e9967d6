import { loadPolicy } from './load.ts';

const zones = `zones:
  overlay: {type: overlay, nodeSelector: {z: overlay}}
  real: {type: macvlan, nodeSelector: {z: real}, tolerations: [{key: z, operator: Exists}]}
`;

/** The warnings of a policy with these rules, behind the line numbers of the rules. */
function ofRules(rules: readonly string[], fallback = 'none', knowsNamespaceLabels = true): string[] {
  const before = `${zones}  other: {within: real}\nrules:\n`;
  const text = `${before}${rules.map((rule) => `  - ${rule}\n`).join('')}default: ${fallback}\n`;
  const loaded = loadPolicy(text, { namespaceLabels: knowsNamespaceLabels });
  if (!loaded.ok) {
    throw new Error(JSON.stringify(loaded.errors));
  }
  const first = before.split('\n').length;
  return loaded.warnings
    .filter(({ line }) => line >= first)
    .map(({ line, reason }) => `${line - first} ${reason}`);
}

/** The warnings of a whole policy. */
function ofPolicy(text: string): string[] {
  const loaded = loadPolicy(text);
  return loaded.ok ? loaded.warnings.map(({ line, reason }) => `${line} ${reason}`) : ['not loaded'];
}

test.each<[string[], string]>([
  [
    [
      '{name: a, match: {namespaces: [shop-*]}, zone: real}',
      '{name: b, match: {namespaces: [shop-1, "shop-*-x"]}, zone: overlay}',
    ],
    '1 rule "b" is never reached: rule "a" matches every pod that it matches',
  ],
  [
    [
      '{name: a, match: {labels: {x: "1"}}, zone: real}',
      '{name: b, match: {namespaces: [s], labels: {x: "1", y: "2"}}, zone: overlay}',
    ],
    '1 rule "b" is never reached: rule "a" matches every pod that it matches',
  ],
  [
    [
      '{name: a, match: {namespaces: [ci]}, zone: real}',
      '{name: b, match: {serviceAccounts: [ci/builder]}, zone: overlay}',
    ],
    '1 rule "b" is never reached: rule "a" matches every pod that it matches',
  ],
  [
    [
      '{name: a, match: {serviceAccounts: ["b*"]}, zone: real}',
      '{name: b, match: {serviceAccounts: [ci/builder]}, zone: overlay}',
    ],
    '1 rule "b" is never reached: rule "a" matches every pod that it matches',
  ],
  [
    [
      '{name: a, match: {namespaces: [x]}, zone: real}',
      '{name: b, match: {namespaces: [y]}, zone: real}',
      '{name: c, match: {namespaces: [x, y], ownerKinds: [Job]}, zone: overlay}',
    ],
    '2 rule "c" is never reached: rules "a", "b" together match every pod that it matches',
  ],
  [
    ['{name: a, match: {namespaces: [realip-system]}, zone: real}'],
    '0 rule "a" is never reached: pods of realip-system are never touched',
  ],
  [
    ['{name: a, match: {ownerKinds: [DaemonSet]}, zone: real}'],
    '0 rule "a" is never reached: pods of a DaemonSet are never touched',
  ],
  [
    ['{name: a, match: {labels: {realip.io/inject: "false"}}, zone: real}'],
    '0 rule "a" is never reached: pods with realip.io/inject: "false" are never touched',
  ],
  [
    ['{name: a, match: {labels: {realip.io/zone: real}}, zone: real}'],
    '0 rule "a" is never reached: a pod with the label realip.io/zone has chosen its zone before any rule',
  ],
  [
    ['{name: a, match: {namespaceLabels: {realip.io/zone: real}}, zone: real}'],
    '0 rule "a" is never reached: a namespace with the label realip.io/zone has chosen the zone before any rule',
  ],
  [
    ['{name: a, match: {namespaces: [x, "y-*"], serviceAccounts: [z/builder]}, zone: real}'],
    '0 rule "a" is never reached: none of its service accounts is in one of its namespaces',
  ],
])('a rule that never decides is told: %j', (rules, warning) => {
  expect(ofRules(rules)).toContain(warning);
});

test.each<[string[]]>([
  [
    [
      '{name: a, match: {namespaces: [shop-1]}, zone: real}',
      '{name: b, match: {namespaces: [shop-*]}, zone: overlay}',
    ],
  ],
  [
    [
      '{name: a, match: {namespaces: [x]}, zone: real}',
      '{name: b, match: {labels: {x: "1"}}, zone: overlay}',
    ],
  ],
  [
    [
      '{name: a, match: {labels: {x: "1"}}, zone: real}',
      '{name: b, match: {labels: {x: "2"}}, zone: overlay}',
    ],
  ],
  [
    [
      '{name: a, match: {ownerKinds: [Job]}, zone: real}',
      '{name: b, match: {ownerKinds: [Job, StatefulSet]}, zone: overlay}',
    ],
  ],
  [
    [
      '{name: a, match: {namespaceLabels: {t: a}}, zone: real}',
      '{name: b, match: {namespaces: [x]}, zone: overlay}',
    ],
  ],
  [
    [
      '{name: a, match: {serviceAccounts: [ci/builder]}, zone: real}',
      '{name: b, match: {serviceAccounts: [builder]}, zone: overlay}',
    ],
  ],
  [['{name: a, match: {namespaces: [realip-system, other]}, zone: real}']],
  [['{name: a, match: {labels: {realip.io/zone: ""}}, zone: real}']],
  [['{name: a, match: {ownerKinds: [none, StatefulSet, CloneSet, Workflow, StatefulPod]}, zone: real}']],
])('a rule that may decide is not: %j', (rules) => {
  expect(ofRules(rules)).toEqual([]);
});

test.each([
  ['[CronJob]', 'the pods of a CronJob belong to a Job; did you mean "Job"?'],
  ['[Job, Deploymnet]', 'the kind "Deploymnet" is none of Kubernetes\' own; did you mean "Deployment"?'],
  ['[statefulset]', 'the kind "statefulset" is none of Kubernetes\' own; did you mean "StatefulSet"?'],
  ['[None]', 'the kind "None" is none of Kubernetes\' own; did you mean "none"?'],
  ['[Pod]', 'a pod owns no pod; did you mean "none", a bare pod?'],
])('an owner kind %s is told of', (kinds, reason) => {
  expect(ofRules([`{name: a, match: {ownerKinds: ${kinds}}, zone: real}`])).toEqual([`0 ${reason}`]);
});

test('rules by labels of namespaces are told of where those are not known', () => {
  const rules = ['{name: a, match: {namespaceLabels: {t: a}}, zone: real}'];
  expect(ofRules(rules)).toEqual([]);
  expect(ofRules(rules, 'none', false)).toEqual([
    '0 namespaceLabels match nothing here: the labels of namespaces are known only with --kube',
  ]);
});

test('settings that count for nothing, or keep pods Pending, are told of', () => {
  expect(ofRules(['{name: a, zone: none, ipResource: true}'])).toEqual([
    '0 ipResource counts for nothing: pods of rule "a" are left alone',
  ]);
  expect(ofRules(['{name: a, zone: overlay, ipResource: true}'])).toEqual([
    '0 the zone of rule "a" is overlay, whose nodes offer no realip.io/ip: with ipResource its pods stay Pending',
  ]);
});

test('a default or a rule that sends the cluster’s DNS to real-IP nodes is told of', () => {
  const both = 'sends the cluster’s DNS (k8s-app=kube-dns) and metrics-server (k8s-app=metrics-server)';
  const end = 'of kube-system to real-IP nodes; give them a rule before it';
  const dns = '{name: dns, match: {labels: {k8s-app: kube-dns}}, zone: overlay}';
  expect(ofRules([dns], 'other')).toEqual([
    `1 the default sends metrics-server (k8s-app=metrics-server) ${end}`,
  ]);
  expect(ofRules(['{name: all, match: {namespaces: ["*"]}, zone: real}'])).toEqual([
    `0 rule "all" ${both} ${end}`,
  ]);
  expect(ofRules(['{name: system, match: {namespaces: ["kube-*"]}, zone: none}'], 'real')).toEqual([]);
  // Who names a label or the account has thought of it.
  const meant = ['labels: {k8s-app: kube-dns}', 'labels: {app.kubernetes.io/name: coredns}'];
  for (const match of [...meant, 'serviceAccounts: [coredns, kube-dns]']) {
    const metrics = '{name: metrics, match: {labels: {app: metrics-server}}, zone: overlay}';
    expect(ofRules([metrics, `{name: dns, match: {${match}}, zone: overlay}`], 'real')).toEqual([]);
  }
  expect(ofRules(['{name: dns, match: {labels: {k8s-app: kube-dns}}, zone: real}'])).toEqual([]);
});

test('what is odd about zones is told at their names', () => {
  const rule = 'rules: [{name: system, match: {namespaces: ["kube-*"]}, zone: none}]';
  expect(
    ofPolicy(`zones:
  bare: {type: macvlan, nodeSelector: {a: b}}
  room: {within: bare, nodeSelector: {c: d}}
  unused: {type: overlay, nodeSelector: {a: b}}
  greedy: {type: overlay, nodeSelector: {a: b}, ipResource: true}
  anywhere: {type: overlay, matchExpressions: [{key: a, operator: Exists}]}
  whole: {type: overlay}
  part: {within: whole, nodeSelector: {a: b}}
${rule.replace('}]', '}, {name: g, match: {labels: {g: g}}, zone: greedy}, {name: a, match: {labels: {a: a}}, zone: anywhere}]')}
default: room
repair: {namespaces: ["x y"]}
`),
  ).toEqual([
    '2 zone "bare" tolerates no taint, so its nodes can\'t have one, and nothing keeps pods off them that the webhook did not see',
    '4 zone "unused" is used by no rule, default or other zone: only pods and namespaces that name it get there',
    '5 zone "greedy" is overlay, whose nodes offer no realip.io/ip: with ipResource its pods stay Pending',
    '7 zone "whole" has no nodeSelector: its pods may land on any node',
    '11 repair evicts nothing: "evict" names neither "unplaced" nor "wrong-zone"',
    '11 "x y" fits no namespace: names of namespaces have small letters, digits and "-", with a letter or digit at both ends',
  ]);
});

test.each([
  ['Shop', 'names of namespaces have no capital letters; did you mean "shop"?'],
  ['Kube-*', 'names of namespaces have no capital letters; did you mean "kube-*"?'],
  ['Shop_A', 'names of namespaces have no capital letters'],
  ['shop_a', 'names of namespaces have small letters, digits and "-", with a letter or digit at both ends'],
  ['-shop', 'names of namespaces have small letters, digits and "-", with a letter or digit at both ends'],
  ['', 'names of namespaces have small letters, digits and "-", with a letter or digit at both ends'],
  ['shop-?', '"*" is the only wildcard'],
  ['Shop-[ab]', '"*" is the only wildcard'],
  ['shop-.*', '"*" is the only wildcard'],
  ['x'.repeat(64), 'names of namespaces have at most 63 characters'],
])('why no namespace fits %j is told, in rules and in repair', (pattern, why) => {
  const told = `"${pattern}" fits no namespace: ${why}`;
  expect(ofRules([`{name: a, match: {namespaces: ["${pattern}"]}, zone: real}`])).toContain(`0 ${told}`);
  const warnings = ofPolicy(
    `${zones}default: none\nrepair: {evict: [unplaced], namespaces: ["${pattern}"]}\n`,
  );
  expect(warnings.map((each) => each.replace(/^\d+ /, ''))).toContain(told);
});

test('a policy for pods and namespaces that name their zones has no unused ones', () => {
  expect(ofPolicy(`${zones}default: none\n`)).toEqual([]);
});
