import { reasonOf } from '../../core/problem/problem.ts';
import { type Finding, inOrder } from '../../document/finding.ts';
import { DocumentSource } from '../../document/source.ts';
import type { Knowledge } from './knowledge.ts';
import { checkMeaning } from './meaning.ts';
import { findOddities } from './oddity.ts';
import type { Policy, PolicyFile } from './policy.ts';
import { resolvePolicy } from './resolve.ts';
import { checkShape } from './shape.ts';

export type Loaded =
  | { readonly ok: true; readonly policy: Policy; readonly warnings: readonly Finding[] }
  | { readonly ok: false; readonly errors: readonly Finding[] };

/**
 * Reads a policy file: a policy whose every reference is resolved, or all that is wrong with it.
 *
 * @param knows what is warned of where the policy can't have what it asks for.
 */
export function loadPolicy(text: string, knows: Knowledge = { namespaceLabels: true }): Loaded {
  let source: DocumentSource;
  let file: PolicyFile | Finding[];
  try {
    source = new DocumentSource(text);
    file = source.errors.length > 0 ? [...source.errors] : checkShape(source);
  } catch (error) {
    // yaml throws for aliases that multiply (the "billion laughs") and for thousands of nested brackets.
    const reason = `not readable as YAML: ${reasonOf(error)}`;
    return { ok: false, errors: [{ line: 1, column: 1, reason }] };
  }
  if (Array.isArray(file)) {
    return { ok: false, errors: inOrder(file) };
  }
  const errors = checkMeaning(file, source);
  if (errors.length > 0) {
    return { ok: false, errors: inOrder(errors) };
  }
  const policy = resolvePolicy(file);
  return { ok: true, policy, warnings: inOrder(findOddities(file, policy, source, knows)) };
}
