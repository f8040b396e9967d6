import { loadPolicy } from './load.ts';

const good = `zones:
  overlay: {type: overlay, nodeSelector: {realip.io/zone: overlay}, tolerations: []}
  real:
    type: macvlan
    nodeSelector: {realip.io/zone-type: macvlan}
    tolerations: [{key: realip.io/zone-type, value: macvlan, effect: NoSchedule}]
    ipResource: true
    dns: {policy: keep}
rules:
  - {name: dns, match: {namespaces: [kube-system], labels: {k8s-app: kube-dns}}, zone: overlay}
  - {name: system, match: {namespaces: ["kube-*"]}, zone: none}
default: real
`;

/** The errors of `text` as `line:column reason`. */
function errorsOf(text: string): string[] {
  const loaded = loadPolicy(text);
  return loaded.ok ? [] : loaded.errors.map(({ line, column, reason }) => `${line}:${column} ${reason}`);
}

function warningsOf(text: string): string[] {
  const loaded = loadPolicy(text);
  return loaded.ok ? loaded.warnings.map(({ line, reason }) => `${line} ${reason}`) : ['not loaded'];
}

test('a good policy has its references resolved and its absent fields filled', () => {
  const loaded = loadPolicy(good);
  if (!loaded.ok) {
    throw new Error(loaded.errors.map(({ reason }) => reason).join('\n'));
  }
  const { zones, rules, default: fallback } = loaded.policy;
  expect([...zones.keys()]).toEqual(['overlay', 'real']);
  expect(zones.get('overlay')).toMatchObject({ ipResource: false, dns: { policy: 'keep' } });
  expect(rules.map(({ name, zone }) => [name, zone?.name ?? null])).toEqual([
    ['dns', 'overlay'],
    ['system', null],
  ]);
  expect(fallback).toBe(zones.get('real'));
  expect(loaded.warnings).toEqual([]);
});

test.each([
  ['defualt: real', 12, 'unknown field "defualt" in the policy; did you mean "default"?'],
  ['default: reel', 12, 'default names the unknown zone "reel"; did you mean "real"?'],
  ['default: 7', 12, 'default must be text, not 7; put it in quotes: "7"'],
])('a slip in the last line is named with its line: %s', (line, number, reason) => {
  const [error] = errorsOf(good.replace('default: real', line));
  expect(error).toMatch(new RegExp(`^${number}:\\d+ `));
  expect(error).toContain(reason);
});

test.each([
  ['type: macvlan', 'type: macvlon', 4, 'must be one of overlay, macvlan; did you mean "macvlan"?'],
  ['effect: NoSchedule', 'effect: Never', 6, 'zones.real.tolerations[0].effect is "Never"'],
  ['key: realip.io/zone-type', 'operator: Equal', 6, 'a toleration without key needs operator Exists'],
  ['value: macvlan, effect', 'operator: Exists, value: macvlan, effect', 6, 'Exists has no value'],
  ['effect: NoSchedule', 'effect: NoSchedule, tolerationSeconds: 5', 6, 'needs effect NoExecute'],
  ['ipResource: true', 'ipResource: "yes"', 7, 'zones.real.ipResource must be true or false, not "yes"'],
  ['policy: keep', 'policy: company', 8, 'policy company needs 1 to 3 nameservers'],
  ['policy: keep', 'policy: company, nameservers: [010.0.0.1]', 8, '"010.0.0.1" is not an IP address'],
  [
    'policy: keep',
    'policy: company, nameservers: [10.0.0.1], search: [a_b]',
    8,
    '"a_b" in zones.real.dns.search',
  ],
  [
    'realip.io/zone-type: macvlan',
    'real ip: macvlan',
    5,
    '"real ip" in zones.real.nodeSelector is not a label key',
  ],
  ['zone: none', 'zone: nope', 11, 'rules[1].zone names the unknown zone "nope"'],
  ['name: system, ', '', 11, 'rules[1] needs the field "name"'],
  ['name: system', 'name: dns', 11, 'duplicate rule name "dns": rules[0] has it already'],
  ['name: system', 'name: namespace', 11, 'a rule can\'t be called "namespace"'],
  ['namespaces: [kube-system]', 'namespace: [kube-system]', 10, 'did you mean "namespaces"?'],
  ['k8s-app: kube-dns', 'k8s-app: {}', 10, 'rules[0].match.labels.k8s-app must be text, not a mapping'],
  ['  overlay:', '  none:', 2, 'a zone can\'t be called "none"'],
])('the policy is refused when "%s" becomes "%s"', (from, to, line, reason) => {
  const errors = errorsOf(good.replace(from, to));
  expect(errors.filter((error) => error.startsWith(`${line}:`)).join('\n')).toContain(reason);
});

test('all slips are told at once, in the order of the file', () => {
  const text = good.replace('type: overlay', 'type: x').replace('zone: none', 'zon: none');
  expect(errorsOf(text).map((error) => error.split(':')[0])).toEqual(['2', '11', '11']);
});

test.each([
  ['', 'the policy is empty'],
  ['# nothing but a comment\n', 'the policy is empty'],
  ['zones: {a: [}', 'Flow map'],
  ['[]', 'the policy must be a mapping, not a list'],
  ['zones: {}\n---\nzones: {}\n', 'it must be one document'],
  ['zones: {}\nzones: {}\n', 'unique'],
  ['zones: {}\nextra:\n', 'unknown field "extra"'],
])('%j is no policy', (text, reason) => {
  expect(errorsOf(text).join('\n')).toContain(reason);
});

test('a file whose aliases multiply is refused, not resolved', () => {
  const lines = Array.from({ length: 12 }, (_, i) => `x${i + 1}: &x${i + 1} [${`*x${i},`.repeat(12)}]`);
  expect(errorsOf(`x0: &x0 [a]\n${lines.join('\n')}\n`)).not.toEqual([]);
});

test('brackets nested beyond measure are refused, not fatal', () => {
  expect(errorsOf(`zones: ${'['.repeat(50_000)}`)).not.toEqual([]);
});

test('names that every JavaScript object inherits are no zones', () => {
  expect(errorsOf(good.replace('default: real', 'default: constructor')).join()).toContain('unknown zone');
});

test('rules and tolerations left empty are empty lists', () => {
  expect(
    warningsOf(
      'zones:\n  a:\n    type: overlay\n    nodeSelector: {a: b}\n    tolerations:\nrules:\ndefault: a\n',
    ),
  ).toEqual([]);
});

const system = 'match: {namespaces: ["kube-*"]}';

test.each([
  [
    'the text of a label',
    system,
    'match: {labels: {q: }}',
    11,
    'rules[1].match.labels.q is empty; leave it out or give text; the empty text is ""',
  ],
  [
    'the text of a label of namespaces',
    system,
    'match: {namespaceLabels: {team: ~}}',
    11,
    'rules[1].match.namespaceLabels.team is empty; leave it out or give text',
  ],
  ['a match', system, 'match: ', 11, 'rules[1].match is empty; leave it out or give a mapping'],
  [
    'namespaces',
    system,
    'match: {namespaces: }',
    11,
    'rules[1].match.namespaces is empty; leave it out or give a list',
  ],
  [
    'one of the namespaces',
    '"kube-*"',
    '"kube-*", null',
    11,
    'rules[1].match.namespaces[1] is empty; leave it out or give text',
  ],
  [
    'the text of a selector',
    '{realip.io/zone: overlay}',
    '{realip.io/zone: }',
    2,
    'zones.overlay.nodeSelector.realip.io/zone is empty; leave it out or give text',
  ],
  [
    'a selector',
    '{realip.io/zone: overlay}',
    '',
    2,
    'zones.overlay.nodeSelector is empty; leave it out or give a mapping',
  ],
  [
    'a repair',
    'default: real',
    'default: real\nrepair:',
    13,
    'repair is empty; leave it out or give a mapping',
  ],
  [
    'a setting',
    'ipResource: true',
    'ipResource:',
    7,
    'zones.real.ipResource is empty; leave it out or give true or false',
  ],
  [
    'one of several words',
    'effect: NoSchedule',
    'effect: ',
    6,
    'zones.real.tolerations[0].effect is empty; leave it out or give NoSchedule, PreferNoSchedule or NoExecute',
  ],
  [
    'the value of a toleration',
    'value: macvlan',
    'value: ',
    6,
    'zones.real.tolerations[0].value is empty; leave it out or give text',
  ],
  ['a name that is needed', 'name: system', 'name: ', 11, 'rules[1].name is empty; give text'],
  ['a zone that is needed', 'zone: none', 'zone: ', 11, 'rules[1].zone is empty; give text'],
  ['the default', 'default: real', 'default:', 12, 'default is empty; leave it out or give text'],
])('%s that is left empty is an error, not an absent one', (_, from, to, line, reason) => {
  const errors = errorsOf(good.replace(from, to));
  expect(errors).toHaveLength(1);
  expect(errors[0]).toMatch(new RegExp(`^${line}:\\d+ `));
  expect(errors[0]).toContain(reason);
});

test('a zone that says nothing, and zones that are none, are named', () => {
  expect(errorsOf(good.replace('rules:', '  c:\nrules:'))).toEqual([
    expect.stringMatching(/^9:\d+ zones\.c is empty; leave it out or give a mapping$/),
  ]);
  expect(errorsOf('zones:\n')).toEqual([expect.stringMatching(/^1:\d+ zones is empty; give a mapping$/)]);
});

test.each([
  ['namespaces', 'patterns of namespaces'],
  ['ownerKinds', 'kinds of owners'],
  ['serviceAccounts', 'patterns of service accounts'],
])('a condition that no pod can meet is an error: %s: []', (field, what) => {
  expect(errorsOf(good.replace(system, `match: {${field}: []}`))).toEqual([
    expect.stringMatching(/^11:\d+ /),
  ]);
  expect(errorsOf(good.replace(system, `match: {${field}: []}`))[0]).toContain(
    `rules[1].match.${field} is an empty list, which nothing fits; leave it out or give ${what}`,
  );
});

test.each(['10', 'true', '1.5'])(
  'a duration that is no text is not to be put in quotes: after: %s',
  (after) => {
    expect(errorsOf(`${good}repair: {after: ${after}}\n`)).toEqual([
      expect.stringMatching(
        new RegExp(`^13:\\d+ repair\\.after must be text, not ${after}; write it like 30s, 5m or 1h30m$`),
      ),
    ]);
  },
);

test('a repair that may evict in no namespace is an error', () => {
  expect(errorsOf(`${good}repair: {evict: [unplaced], namespaces: []}\n`)[0]).toContain(
    'repair.namespaces is an empty list, which nothing fits; leave it out or give patterns of namespaces',
  );
});

test('an empty match, and conditions that ask for no label, still match every pod', () => {
  for (const match of ['{}', '{labels: {}}', '{namespaceLabels: {}}']) {
    expect(errorsOf(good.replace(system, `match: ${match}`))).toEqual([]);
  }
});

test('what is allowed but hardly meant is warned of', () => {
  expect(warningsOf(good.replace('default: real\n', ''))).toContain(
    '1 there is no "default": pods that no rule matches are left alone',
  );
  expect(
    warningsOf(good.replace('match: {namespaces: [kube-system], labels: {k8s-app: kube-dns}}, ', '')),
  ).toEqual(['11 rule "system" is never reached: rule "dns" matches every pod']);
  expect(warningsOf(good.replace('kube-*', 'kube-?'))).toContain(
    '11 "kube-?" fits no namespace: "*" is the only wildcard',
  );
  expect(
    warningsOf(good.replace('nodeSelector: {realip.io/zone-type: macvlan}', 'nodeSelector: {}')),
  ).toEqual(['3 zone "real" has no nodeSelector: its pods may land on any node']);
  expect(warningsOf(good.replace('policy: keep', 'policy: keep, search: [corp]'))[0]).toContain('count only');
});
