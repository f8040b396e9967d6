import { printable } from '../../core/printable.ts';
import { Problem } from '../../core/problem/problem.ts';
import { type Arrival, type Traits, traitsOf } from './arrival.ts';
import { type Exemption, exemptionOf } from './exemption.ts';
import { type Mismatch, mismatch } from './match.ts';
import { noZone, zoneKey } from './names.ts';
import { type Pod, textAt } from './pod.ts';
import type { Policy, Rule, Zone } from './policy.ts';
import { RuleIndex } from './rule-index.ts';

/** Where a pod belongs and why. */
export type Decision =
  | { readonly kind: 'exempt'; readonly because: Exemption }
  | {
      readonly kind: 'placed';
      /** null is the zone `none`. */
      readonly zone: Zone | null;
      /** The value of `realip.io/placed-by`: a rule's name, `pod`, `namespace` or `default`. */
      readonly by: string;
      /** The rules before the one that won, each with the condition that failed; found out when it is read. */
      readonly passedOver: readonly { readonly rule: Rule; readonly because: Mismatch }[];
    };

/**
 * Whether the labels of the pod's namespace have a say: neither for an exempt pod nor for one that names its own
 * zone, which must not fail because they can't be read.
 */
export function namespaceCounts(pod: Pod, namespace: string): boolean {
  const { labels, annotations } = pod.metadata ?? {};
  return exemptionOf(pod, namespace) === null && !textAt(labels, zoneKey) && !textAt(annotations, zoneKey);
}

/**
 * Decides in the order pod, namespace, rules, default.
 *
 * @throws Problem POD_ZONE_AMBIGUOUS when the pod names two zones, POD_ZONE_UNKNOWN when it or its namespace names
 * one that the policy does not have.
 */
export function decide(policy: Policy, arrival: Arrival): Decision {
  const { pod, namespace, namespaceLabels } = arrival;
  const because = exemptionOf(pod, namespace);
  if (because !== null) {
    return { kind: 'exempt', because };
  }
  const ofPod = zoneOfPod(pod);
  if (ofPod !== undefined) {
    const zone = zoneNamed(ofPod.name, policy, `the pod's ${ofPod.from}`);
    return { kind: 'placed', zone, by: 'pod', passedOver: [] };
  }
  const ofNamespace = textAt(namespaceLabels, zoneKey);
  if (ofNamespace) {
    const zone = zoneNamed(ofNamespace, policy, `namespace ${namespace}'s label`);
    return { kind: 'placed', zone, by: 'namespace', passedOver: [] };
  }
  return byRules(policy, traitsOf(arrival));
}

function byRules({ rules, default: fallback }: Policy, traits: Traits): Decision {
  const winner = RuleIndex.of(rules).winner(traits);
  const rule = rules[winner];
  return {
    kind: 'placed',
    zone: rule === undefined ? fallback : rule.zone,
    by: rule?.name ?? 'default',
    get passedOver() {
      return rule === undefined ? passedOver(rules, traits) : passedOver(rules.slice(0, winner), traits);
    },
  };
}

function passedOver(rules: readonly Rule[], traits: Traits): { rule: Rule; because: Mismatch }[] {
  return rules.flatMap((rule) => {
    const because = mismatch(rule.match, traits);
    return because === null ? [] : [{ rule, because }];
  });
}

/** The zone that the pod itself asks for; an empty value counts as absent. */
function zoneOfPod(pod: Pod): { name: string; from: string } | undefined {
  const label = textAt(pod.metadata?.labels, zoneKey);
  const annotation = textAt(pod.metadata?.annotations, zoneKey);
  if (label && annotation && label !== annotation) {
    throw new Problem(
      'POD_ZONE_AMBIGUOUS',
      `the pod's label ${zoneKey} says "${shown(label)}", but its annotation says "${shown(annotation)}"`,
      { label: shown(label), annotation: shown(annotation) },
    );
  }
  if (label) {
    return { name: label, from: 'label' };
  }
  return annotation ? { name: annotation, from: 'annotation' } : undefined;
}

function zoneNamed(name: string, policy: Policy, from: string): Zone | null {
  if (name === noZone) {
    return null;
  }
  const zone = policy.zones.get(name);
  if (zone === undefined) {
    const known = [...policy.zones.keys(), noZone];
    throw new Problem(
      'POD_ZONE_UNKNOWN',
      `${from} ${zoneKey} names the zone "${shown(name)}", which is not known; known are ${known.join(', ')}`,
      { zone: shown(name), known },
    );
  }
  return zone;
}

/** A zone's name as somebody wrote it, who may have written anything; names of zones are shorter. */
function shown(name: string): string {
  return printable(name, 100);
}
