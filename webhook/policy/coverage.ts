import { fitsGlob } from '../../core/match/glob.ts';
import type { Texts } from './pod.ts';
import { textAt } from './pod.ts';
import type { Match } from './policy.ts';

/** More cases than this are not looked into: the answer is then "not covered". */
const mostCases = 1_000;

/**
 * The places in `earlier` of matches that between them match every pod that `later` matches; null when some pod
 * may be left for it. Sound, not complete: never says "covered" wrongly.
 */
export function coveredBy(later: Match, earlier: readonly Match[]): number[] | null {
  const needed = new Set<number>();
  for (const each of casesOf(later) ?? []) {
    const by = earlier.findIndex((match) => covers(match, each));
    if (by === -1) {
      return null;
    }
    needed.add(by);
  }
  return needed.size === 0 ? null : [...needed].sort((a, b) => a - b);
}

/** The match as matches with at most one namespace, kind and account each, of which one must hold. */
function casesOf(match: Match): Match[] | null {
  const orNone = (list: readonly string[]) => (list.length === 0 ? [[]] : list.map((each) => [each]));
  const [namespaces, kinds, accounts] = [match.namespaces, match.ownerKinds, match.serviceAccounts].map(
    orNone,
  );
  if (namespaces === undefined || kinds === undefined || accounts === undefined) {
    return null;
  }
  if (namespaces.length * kinds.length * accounts.length > mostCases) {
    return null;
  }
  return namespaces.flatMap((ofNamespace) =>
    kinds.flatMap((ofKind) =>
      accounts.map((ofAccount) => ({
        ...match,
        namespaces: ofNamespace,
        ownerKinds: ofKind,
        serviceAccounts: ofAccount,
      })),
    ),
  );
}

/** Whether every pod of the case matches `wide`. */
function covers(wide: Match, narrow: Match): boolean {
  const accounts = narrow.serviceAccounts.map(wholeAccount);
  const namespaces = [...narrow.namespaces, ...accounts.map((account) => account.split('/')[0] ?? '')];
  return (
    impliesOneOf(wide.namespaces, namespaces) &&
    impliesAll(wide.namespaceLabels, narrow.namespaceLabels) &&
    impliesAll(wide.labels, narrow.labels) &&
    (wide.ownerKinds.length === 0 || narrow.ownerKinds.some((kind) => wide.ownerKinds.includes(kind))) &&
    impliesOneOf(wide.serviceAccounts.map(wholeAccount), accounts)
  );
}

/** Of `known` all hold; is one of `wanted` sure to? A pattern fits another as text if it fits all that fits that. */
function impliesOneOf(wanted: readonly string[], known: readonly string[]): boolean {
  return wanted.length === 0 || known.some((each) => wanted.some((pattern) => fitsGlob(each, pattern)));
}

function impliesAll(wanted: Texts, known: Texts): boolean {
  return Object.entries(wanted).every(([key, value]) => textAt(known, key) === value);
}

/** `name` stands for the name in any namespace. */
export function wholeAccount(pattern: string): string {
  return pattern.includes('/') ? pattern : `*/${pattern}`;
}
