import { compileGlob } from '../../core/match/glob.ts';
import type { Traits } from './arrival.ts';
import { textAt } from './pod.ts';
import type { Match, Rule } from './policy.ts';

/** Clusters have fewer; beyond it all is forgotten and learnt anew. */
const mostNamespaces = 2_000;

type Globs = readonly ((text: string) => boolean)[];

/** A rule made ready to be asked often. */
interface ReadyRule {
  readonly index: number;
  readonly namespaces: Globs;
  readonly labels: readonly (readonly [key: string, value: string])[];
  readonly namespaceLabels: readonly (readonly [key: string, value: string])[];
  readonly ownerKinds: readonly string[];
  readonly accounts: readonly { readonly ofNamespace: Globs[number]; readonly ofName: Globs[number] }[];
}

/** Those accounts of a rule that may be in a namespace: by name alone. */
interface Candidate {
  readonly rule: ReadyRule;
  readonly accountNames: Globs;
}

/**
 * Finds the rule that wins without asking all of them: which rules may match in a namespace is found out once. A
 * policy of hundreds of rules costs little more than one of ten.
 */
export class RuleIndex {
  static readonly #known = new WeakMap<readonly Rule[], RuleIndex>();
  readonly #rules: readonly ReadyRule[];
  readonly #candidates = new Map<string, readonly Candidate[]>();

  private constructor(rules: readonly Rule[]) {
    this.#rules = rules.map(({ match }, index) => readyRule(match, index));
  }

  static of(rules: readonly Rule[]): RuleIndex {
    let index = RuleIndex.#known.get(rules);
    if (index === undefined) {
      index = new RuleIndex(rules);
      RuleIndex.#known.set(rules, index);
    }
    return index;
  }

  /** The place of the first rule that matches, or -1. */
  winner(pod: Traits): number {
    const account = pod.serviceAccount.slice(pod.namespace.length + 1);
    for (const { rule, accountNames } of this.#candidatesIn(pod.namespace)) {
      if (
        rule.labels.every(([key, value]) => textAt(pod.labels, key) === value) &&
        rule.namespaceLabels.every(([key, value]) => textAt(pod.namespaceLabels, key) === value) &&
        (rule.ownerKinds.length === 0 || rule.ownerKinds.some((kind) => pod.ownerKinds.includes(kind))) &&
        (rule.accounts.length === 0 || accountNames.some((fits) => fits(account)))
      ) {
        return rule.index;
      }
    }
    return -1;
  }

  #candidatesIn(namespace: string): readonly Candidate[] {
    const known = this.#candidates.get(namespace);
    if (known !== undefined) {
      return known;
    }
    const candidates = this.#rules.flatMap((rule) => {
      const accountNames = rule.accounts
        .filter(({ ofNamespace }) => ofNamespace(namespace))
        .map(({ ofName }) => ofName);
      const mayMatch =
        (rule.namespaces.length === 0 || rule.namespaces.some((fits) => fits(namespace))) &&
        (rule.accounts.length === 0 || accountNames.length > 0);
      return mayMatch ? [{ rule, accountNames }] : [];
    });
    if (this.#candidates.size >= mostNamespaces) {
      this.#candidates.clear();
    }
    this.#candidates.set(namespace, candidates);
    return candidates;
  }
}

function readyRule(match: Match, index: number): ReadyRule {
  return {
    index,
    namespaces: match.namespaces.map(compileGlob),
    labels: Object.entries(match.labels),
    namespaceLabels: Object.entries(match.namespaceLabels),
    ownerKinds: match.ownerKinds,
    accounts: match.serviceAccounts.map((pattern) => {
      const [one = '', two] = pattern.split('/');
      return two === undefined
        ? { ofNamespace: () => true, ofName: compileGlob(one) }
        : { ofNamespace: compileGlob(one), ofName: compileGlob(two) };
    }),
  };
}
