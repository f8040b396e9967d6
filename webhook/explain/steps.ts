import type { Arrival } from '../policy/arrival.ts';
import type { Decision } from '../policy/decide.ts';
import type { Mismatch } from '../policy/match.ts';
import { noZone, zoneKey } from '../policy/names.ts';
import { textAt } from '../policy/pod.ts';
import { mismatchWords } from './words.ts';

/** One who was asked for a pod's zone. */
export interface Step {
  readonly asked: 'pod' | 'namespace' | 'rule' | 'default';
  /** The rule's name. */
  readonly rule?: string;
  /** Whether this one decided; it is the last then. */
  readonly decides: boolean;
  /** For people. */
  readonly text: string;
  /** The first condition of the rule that the pod does not meet, with both sides. */
  readonly condition?: Mismatch;
}

/** Everybody who was asked for the zone, in order: pod, namespace, rules, default. */
export function stepsOf(decision: Extract<Decision, { kind: 'placed' }>, arrival: Arrival): Step[] {
  const { by, passedOver } = decision;
  const zone = decision.zone?.name ?? noZone;
  if (by === 'pod') {
    const from = textAt(arrival.pod.metadata?.labels, zoneKey) ? 'label' : 'annotation';
    return [{ asked: 'pod', decides: true, text: `its ${from} ${zoneKey} says ${zone}` }];
  }
  const steps: Step[] = [{ asked: 'pod', decides: false, text: `it has no label or annotation ${zoneKey}` }];
  if (by === 'namespace') {
    const text = `the label ${zoneKey} of ${arrival.namespace} says ${zone}`;
    return [...steps, { asked: 'namespace', decides: true, text }];
  }
  steps.push({ asked: 'namespace', decides: false, text: silenceOf(arrival) });
  for (const { rule, because } of passedOver) {
    const text = mismatchWords(because);
    steps.push({ asked: 'rule', rule: rule.name, decides: false, text, condition: because });
  }
  return [
    ...steps,
    by === 'default'
      ? { asked: 'default', decides: true, text: `the zone is ${zone}` }
      : { asked: 'rule', rule: by, decides: true, text: `it matches; the zone is ${zone}` },
  ];
}

function silenceOf({ namespace, namespaceLabels }: Arrival): string {
  return namespaceLabels === null
    ? `the labels of ${namespace} are not known here`
    : `${namespace} has no label ${zoneKey}`;
}
