import { parseDuration } from '../../core/duration.ts';
import type { Finding } from '../../document/finding.ts';
import { nearest } from '../../document/nearest.ts';
import { didYouMean, where } from '../../document/shape.ts';
import type { DocumentSource, Path } from '../../document/source.ts';
import { bareKind } from './arrival.ts';
import { checkLabels, checkSettings, type Report } from './field-meaning.ts';
import { isDnsLabel } from './label-syntax.ts';
import { noZone } from './names.ts';
import type { PolicyFile, RuleFile } from './policy.ts';
import { checkZones } from './zone-meaning.ts';

/** What the annotation `realip.io/placed-by` says where no rule decided; so no rule may have these names. */
const otherDeciders = ['pod', 'namespace', 'default'];

/** Longer would be a slip of the pen. */
const longestDays = 90;

/**
 * What the schema can't see: references, names, and everything with which the API server would refuse the
 * patched pod (it does so even under failurePolicy Ignore, so a policy must never get that far).
 */
export function checkMeaning(file: PolicyFile, source: DocumentSource): Finding[] {
  const findings: Finding[] = [];
  const report: Report = {
    at: (path, reason) => findings.push(source.at(path, reason)),
    atKey: (path, reason) => findings.push(source.atKey(path, reason)),
  };
  checkZones(file.zones, report);
  checkRules(file, report);
  if (file.default !== undefined) {
    checkZoneName(file.default, ['default'], file, report);
  }
  checkRepair(file.repair ?? {}, report);
  return findings;
}

function checkRules(file: PolicyFile, report: Report): void {
  const names = new Map<string, number>();
  for (const [index, rule] of (file.rules ?? []).entries()) {
    const path = ['rules', index, 'name'];
    const earlier = names.get(rule.name);
    if (earlier !== undefined) {
      report.at(path, `duplicate rule name "${rule.name}": rules[${earlier}] has it already`);
    } else if (otherDeciders.includes(rule.name)) {
      report.at(
        path,
        `a rule can't be called "${rule.name}": realip.io/placed-by says that where no rule decides`,
      );
    } else if (!/^[\P{C}]{1,63}$/u.test(rule.name)) {
      report.at(path, 'a rule name has 1 to 63 printable characters');
    }
    names.set(rule.name, index);
    checkZoneName(rule.zone, ['rules', index, 'zone'], file, report);
    checkMatch(rule.match ?? {}, ['rules', index, 'match'], report);
    checkSettings(rule, ['rules', index], report);
  }
}

function checkMatch(match: NonNullable<RuleFile['match']>, path: Path, report: Report): void {
  checkFits(match.namespaces, [...path, 'namespaces'], 'patterns of namespaces', report);
  checkFits(match.ownerKinds, [...path, 'ownerKinds'], 'kinds of owners', report);
  checkFits(match.serviceAccounts, [...path, 'serviceAccounts'], 'patterns of service accounts', report);
  checkLabels(match.namespaceLabels ?? {}, [...path, 'namespaceLabels'], report);
  checkLabels(match.labels ?? {}, [...path, 'labels'], report);
  for (const [index, kind] of (match.ownerKinds ?? []).entries()) {
    if (kind !== bareKind && !isDnsLabel(kind.toLowerCase())) {
      report.at(
        [...path, 'ownerKinds', index],
        `"${kind}" in ${where([...path, 'ownerKinds'])} is no kind, such as StatefulSet, nor "${bareKind}" for bare pods`,
      );
    }
  }
  for (const [index, account] of (match.serviceAccounts ?? []).entries()) {
    if (account.split('/').length > 2 || account.split('/').includes('')) {
      report.at(
        [...path, 'serviceAccounts', index],
        `"${account}" in ${where([...path, 'serviceAccounts'])} is neither "name" nor "namespace/name"`,
      );
    }
  }
}

/** Of several things one must fit; of none, none can. */
function checkFits(list: readonly string[] | undefined, path: Path, what: string, report: Report): void {
  if (list?.length === 0) {
    report.at(path, `${where(path)} is an empty list, which nothing fits; leave it out or give ${what}`);
  }
}

function checkZoneName(name: string, path: Path, file: PolicyFile, report: Report): void {
  const known = [...Object.keys(file.zones), noZone];
  if (!known.includes(name)) {
    const hint = didYouMean(nearest(name, known)) || `; known are ${known.join(', ')}`;
    report.at(path, `${where(path)} names the unknown zone "${name}"${hint}`);
  }
}

function checkRepair({ after, namespaces }: NonNullable<PolicyFile['repair']>, report: Report): void {
  checkFits(namespaces, ['repair', 'namespaces'], 'patterns of namespaces', report);
  const seconds = after === undefined ? 0 : parseDuration(after);
  if (seconds === undefined || seconds > longestDays * 86_400) {
    report.at(
      ['repair', 'after'],
      `repair.after: "${after}" is no duration such as 30s, 5m or 1h30m, of at most ${longestDays}d`,
    );
  }
}
