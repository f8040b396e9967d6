import fc from 'fast-check';
import { loadPolicy } from './load.ts';

const text = fc.oneof(
  fc.constantFrom('real', 'none', 'overlay', 'macvlan', 'NoSchedule', 'Exists', 'company', '10.0.0.1'),
  fc.constantFrom('', 'a\nb', '__proto__', 'constructor', '0', '<<', '*'),
  fc.string({ unit: 'binary', maxLength: 5 }),
);
const fields = [
  'zones',
  'rules',
  'default',
  'type',
  'nodeSelector',
  'tolerations',
  'ipResource',
  'dns',
].concat(
  ['key', 'operator', 'value', 'effect', 'tolerationSeconds', 'policy', 'nameservers', 'search'],
  ['name', 'match', 'namespaces', 'labels', 'zone', 'within', 'matchExpressions', 'values'],
  ['namespaceLabels', 'ownerKinds', 'serviceAccounts', 'fixedAddresses', 'repair', 'evict', 'after'],
);
const { value: anything } = fc.letrec((again) => ({
  value: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.oneof(text, fc.boolean(), fc.integer(), fc.double(), fc.constant(null)),
    fc.array(again('value'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...fields), text), again('value'), { maxKeys: 4 }),
  ),
}));

const zone = fc.record(
  {
    type: text,
    within: text,
    nodeSelector: anything,
    matchExpressions: anything,
    tolerations: anything,
    ipResource: fc.boolean(),
    dns: anything,
    fixedAddresses: text,
  },
  { requiredKeys: [] },
);

/** Of the right shape, so that what it means is looked into. */
const texts = fc.dictionary(text, text, { maxKeys: 2 });
const list = fc.array(text, { maxLength: 2 });
const match = fc.record(
  {
    namespaces: list,
    namespaceLabels: texts,
    labels: texts,
    ownerKinds: list,
    serviceAccounts: list,
  },
  { requiredKeys: [] },
);
const rule = fc.record({ name: text, match, zone: text }, { requiredKeys: ['name', 'zone'] });

test('whatever stands in a zone, a rule or the whole file: it is a policy or it is refused with a line', () => {
  const policy = fc.oneof(
    anything,
    fc.record(
      {
        zones: fc.dictionary(text, zone),
        rules: fc.array(fc.oneof(anything, rule)),
        default: text,
        repair: anything,
      },
      { requiredKeys: ['zones'] },
    ),
  );
  fc.assert(
    fc.property(policy, (value) => {
      const loaded = loadPolicy(JSON.stringify(value));
      if (!loaded.ok) {
        expect(loaded.errors.length).toBeGreaterThan(0);
        expect(loaded.errors.every(({ line }) => line >= 1)).toBe(true);
      }
    }),
    { numRuns: 2000 },
  );
});

test('text that is hardly YAML is refused, not fatal', () => {
  const scrap = fc.constantFrom(
    'zones:',
    'real',
    '\n',
    '  ',
    '- ',
    '{',
    '}',
    '[',
    ']',
    ': ',
    '&a ',
    '*a',
    '!!',
    '|',
    '"',
    'kind: ConfigMap\n',
    'data: ',
    'policy.yaml: ',
    '---\n',
  );
  fc.assert(
    fc.property(fc.array(scrap, { maxLength: 20 }), (parts) => {
      expect(typeof loadPolicy(parts.join('')).ok).toBe('boolean');
    }),
    { numRuns: 2000 },
  );
});

test('whatever a ConfigMap holds, it is a policy or it is refused with a line', () => {
  fc.assert(
    fc.property(anything, fc.boolean(), (value, asText) => {
      const data = { 'policy.yaml': asText ? JSON.stringify(value) : value };
      const loaded = loadPolicy(JSON.stringify({ kind: 'ConfigMap', data }));
      expect(loaded.ok || loaded.errors.every(({ line }) => line >= 1)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('what stands under a key with a line break is checked like the rest', () => {
  const loaded = loadPolicy('zones: {"a\\nb": {type: overlay, tolerations: 5}}\n');
  expect(loaded).toMatchObject({ ok: false, errors: [{ line: 1 }] });
});
