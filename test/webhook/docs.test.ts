import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadPolicy } from '../../webhook/policy/load.ts';
import { policyFile } from '../../webhook/policy/schema.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/zones/policy.md'), 'utf8');
const examples = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text);

/** Every field name that a policy can have. */
function fieldsOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) {
    return [];
  }
  return Object.entries(schema).flatMap(([key, value]) => [
    ...(key === 'properties' ? Object.keys(value) : []),
    ...fieldsOf(value),
  ]);
}

test('every example of docs/zones/policy.md is a policy without a warning', () => {
  expect(examples.length).toBeGreaterThan(4);
  for (const example of examples) {
    const loaded = loadPolicy(example);
    const findings = loaded.ok ? loaded.warnings : loaded.errors;
    expect([example, findings]).toEqual([example, []]);
  }
});

test('every field of a policy stands in an example', () => {
  const missing = [...new Set(fieldsOf(policyFile))].filter(
    (field) => !examples.some((example) => new RegExp(`\\b${field}:`).test(example)),
  );
  expect(missing).toEqual([]);
});
