import { reasonOf } from '../../core/problem/problem.ts';
import { type Finding, inOrder } from '../../document/finding.ts';
import { readDocument, shapeCheck } from '../../document/shape.ts';
import type { Path } from '../../document/source.ts';
import type { Knowledge } from './knowledge.ts';
import { type InManifest, policyInManifest } from './manifest.ts';
import { checkMeaning } from './meaning.ts';
import { findOddities } from './oddity.ts';
import type { Policy } from './policy.ts';
import { resolvePolicy } from './resolve.ts';
import { policyFile } from './schema.ts';

/**
 * A condition left empty would make its rule wider than it looks. Only what adds to a policy may be left empty: then
 * it adds nothing.
 */
function nullAt(path: Path): 'empty list' | 'slip' {
  const [first, , third] = path;
  const isRules = path.length === 1 && first === 'rules';
  const isTolerations = path.length === 3 && first === 'zones' && third === 'tolerations';
  return isRules || isTolerations ? 'empty list' : 'slip';
}

const checkShape = shapeCheck(policyFile, 'the policy', 'at least "zones"', nullAt);

export type Loaded =
  | { readonly ok: true; readonly policy: Policy; readonly warnings: readonly Finding[] }
  | { readonly ok: false; readonly errors: readonly Finding[] };

/**
 * Reads a policy file, or a manifest of the ConfigMap that holds one: a policy whose every reference is resolved, or
 * all that is wrong with it. Takes any text.
 *
 * @param knows what is warned of where the policy can't have what it asks for.
 */
export function loadPolicy(text: string, knows: Knowledge = { namespaceLabels: true }): Loaded {
  try {
    const manifest = policyInManifest(text);
    if (manifest === null) {
      return loadText(text, knows);
    }
    return 'text' in manifest
      ? placed(loadText(manifest.text, knows), manifest)
      : { ok: false, errors: inOrder(manifest) };
  } catch (error) {
    // yaml throws for aliases that multiply (the "billion laughs") and for thousands of nested brackets.
    const reason = `not readable as YAML: ${reasonOf(error)}`;
    return { ok: false, errors: [{ line: 1, column: 1, reason }] };
  }
}

function loadText(text: string, knows: Knowledge): Loaded {
  const read = readDocument(text, checkShape);
  if (!read.ok) {
    return { ok: false, errors: inOrder(read.errors) };
  }
  const { value: file, source } = read;
  const errors = checkMeaning(file, source);
  if (errors.length > 0) {
    return { ok: false, errors: inOrder(errors) };
  }
  const policy = resolvePolicy(file);
  return { ok: true, policy, warnings: inOrder(findOddities(file, policy, source, knows)) };
}

function placed(loaded: Loaded, { place }: InManifest): Loaded {
  return loaded.ok
    ? { ...loaded, warnings: loaded.warnings.map(place) }
    : { ok: false, errors: loaded.errors.map(place) };
}
