import { fitsGlob } from '../../core/match/glob.ts';
import { coveredBy, wholeAccount } from './coverage.ts';
import { injectKey, ownNamespace, zoneKey } from './names.ts';
import { fitsSomeNamespace } from './namespace-pattern.ts';
import { textAt } from './pod.ts';
import type { Match, Rule } from './policy.ts';

/** Why the rule at `index` never decides over any pod, or null where it may. Sound: never wrong about a pod. */
export function whyUnreachable(rules: readonly Rule[], index: number): string | null {
  const rule = rules[index];
  if (rule === undefined) {
    return null;
  }
  const why = whyNeverAsked(rule.match) ?? whyCovered(rule, rules.slice(0, index));
  return why && `rule "${rule.name}" is never reached: ${why}`;
}

/** What decides before any rule, or can't be at all. */
function whyNeverAsked(match: Match): string | null {
  const { namespaces, ownerKinds, labels, namespaceLabels, serviceAccounts } = match;
  if (namespaces.length > 0 && namespaces.every((each) => each === ownNamespace)) {
    return `pods of ${ownNamespace} are never touched`;
  }
  if (ownerKinds.length > 0 && ownerKinds.every((each) => each === 'DaemonSet')) {
    return 'pods of a DaemonSet are never touched';
  }
  if (textAt(labels, injectKey) === 'false') {
    return `pods with ${injectKey}: "false" are never touched`;
  }
  if (textAt(labels, zoneKey)) {
    return `a pod with the label ${zoneKey} has chosen its zone before any rule`;
  }
  if (textAt(namespaceLabels, zoneKey)) {
    return `a namespace with the label ${zoneKey} has chosen the zone before any rule`;
  }
  const accounts = serviceAccounts.map((account) => wholeAccount(account).split('/')[0] ?? '');
  if (
    accounts.length > 0 &&
    namespaces.length > 0 &&
    !accounts.some((account) => namespaces.some((namespace) => mayMeet(account, namespace)))
  ) {
    return 'none of its service accounts is in one of its namespaces';
  }
  return null;
}

function whyCovered(rule: Rule, earlier: readonly Rule[]): string | null {
  const { namespaces, ownerKinds } = rule.match;
  const asked: Match = {
    ...rule.match,
    namespaces: namespaces.filter((each) => each !== ownNamespace && fitsSomeNamespace(each)),
    ownerKinds: ownerKinds.filter((kind) => kind !== 'DaemonSet'),
  };
  if (namespaces.length > 0 && asked.namespaces.length === 0) {
    // Each of its patterns is told of by itself.
    return null;
  }
  const by = coveredBy(
    asked,
    earlier.map(({ match }) => match),
  );
  if (by === null) {
    return null;
  }
  const names = by.map((at) => `"${earlier[at]?.name}"`);
  const [only] = by;
  if (by.length > 1 || only === undefined) {
    return `rules ${names.join(', ')} together match every pod that it matches`;
  }
  return `rule ${names[0]} matches every pod${matchesAll(earlier[only]?.match) ? '' : ' that it matches'}`;
}

function matchesAll(match: Match | undefined): boolean {
  const { namespaces = [], ...others } = match ?? {};
  return (
    (namespaces.length === 0 || namespaces.some((pattern) => /^\*+$/.test(pattern))) &&
    Object.values(others).every((condition) => Object.keys(condition).length === 0)
  );
}

/** Whether one name may fit both patterns; yes where both have a `*`, which is not looked into. */
function mayMeet(one: string, other: string): boolean {
  return (one.includes('*') && other.includes('*')) || fitsGlob(one, other) || fitsGlob(other, one);
}
