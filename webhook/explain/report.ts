import type { Policy } from '../policy/policy.ts';
import { type Explanation, explain, notANewPod } from './explanation.ts';
import type { Subject, Subjects } from './subjects.ts';

/** What is told of one object. */
export interface ObjectReport extends Explanation {
  readonly object: { readonly kind: string; readonly namespace: string; readonly name: string };
  /** Whether the labels of the namespace were known; its label `realip.io/zone` comes before all rules. */
  readonly namespaceLabelsKnown: boolean;
}

/** The whole answer of `explain -o json` and of `POST /explain`. */
export interface Report {
  /** Whether all pods would be created. */
  readonly allowed: boolean;
  /** One for each object that is a pod or makes pods, in the order given. */
  readonly items: readonly ObjectReport[];
  /** Objects that make no pods, such as `Service shop/web`. */
  readonly passedBy: readonly string[];
}

/** Explains every subject under a policy. */
export function reportOn(policy: Policy, { subjects, passedBy }: Subjects): Report {
  const items = subjects.map((subject) => ofSubject(policy, subject));
  return { allowed: items.every(({ allowed }) => allowed), items, passedBy };
}

function ofSubject(policy: Policy, { kind, namespace, name, pod, namespaceLabels }: Subject): ObjectReport {
  const explanation = pod === null ? notANewPod : explain(policy, { pod, namespace, namespaceLabels });
  return {
    object: { kind, namespace, name },
    ...explanation,
    namespaceLabelsKnown: namespaceLabels !== null,
  };
}
