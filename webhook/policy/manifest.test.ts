import { loadPolicy } from './load.ts';

const policy = `# of the shop
zones:
  overlay: {type: overlay, nodeSelector: {z: overlay}}
rules:
  - {name: a, zone: overlay}
default: none
`;

/** A manifest with `text` as a literal block, indented by four. */
function manifest(text: string, key = 'policy.yaml'): string {
  const block = text.replace(/^(?=.)/gm, '    ');
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: realip-policy}\ndata:\n  ${key}: |\n${block}`;
}

/** What is wrong, as `line:column reason`. */
function errorsOf(text: string): string[] {
  const loaded = loadPolicy(text);
  return loaded.ok ? [] : loaded.errors.map(({ line, column, reason }) => `${line}:${column} ${reason}`);
}

test.each([
  ['under the usual key', manifest(policy)],
  ['under its only key', manifest(policy, 'zones')],
  ['as JSON', JSON.stringify({ kind: 'ConfigMap', data: { 'policy.yaml': policy } })],
  ['behind other objects', `kind: Namespace\nmetadata: {name: a}\n---\n${manifest(policy)}`],
  ['beside another entry', `${manifest(policy)}  other: x\n`],
])('a policy is found in a ConfigMap’s manifest %s', (_, text) => {
  expect(loadPolicy(text)).toEqual(loadPolicy(policy));
  expect(loadPolicy(text)).toMatchObject({ ok: true, warnings: [] });
});

test('mistakes and warnings have their place in the manifest', () => {
  const slip = policy.replace('type: overlay', 'type: overlai');
  const [inPolicy] = errorsOf(slip);
  expect(inPolicy).toMatch(/^3:19 zones\.overlay\.type is "overlai"/);
  expect(errorsOf(manifest(slip))).toEqual([inPolicy?.replace('3:19', '8:23')]);
  expect(errorsOf(`a: 1\n---\n${manifest(`\n\n${slip}`)}`)).toEqual([inPolicy?.replace('3:19', '12:23')]);
  expect(loadPolicy(manifest(policy.replace('default: none\n', '')))).toMatchObject({
    warnings: [{ line: 7, column: 5 }],
  });
});

test('in other forms of text the place is that of the text', () => {
  const slip = policy.replace('type: overlay', 'type: overlai');
  const [error] = errorsOf(`kind: ConfigMap\ndata:\n  policy.yaml: ${JSON.stringify(slip)}\n`);
  expect(error).toMatch(/^3:16 zones\.overlay\.type.*\(in its line 3\)$/);
});

test.each([
  [
    'kind: ConfigMap\ndata: {policy.yml: a, other: b}\n',
    'no data["policy.yaml"]; did you mean "policy.yml"?',
  ],
  ['kind: ConfigMap\n', 'the ConfigMap has no data["policy.yaml"]'],
  ['kind: ConfigMap\ndata: {policy.yaml: {zones: {}}}\n', 'data["policy.yaml"] is no text'],
  ['kind: ConfigMap\ndata: {a: [}\n', 'low'],
])('a ConfigMap without a policy is refused: %j', (text, reason) => {
  expect(errorsOf(text).join('\n')).toContain(reason);
});
