import { Ip } from '../../core/address/ip.ts';
import { reasonOf } from '../../core/problem/problem.ts';
import type { Finding } from '../../document/finding.ts';
import { nearest } from '../../document/nearest.ts';
import type { DocumentSource, Path } from '../../document/source.ts';
import { mostNameservers, mostSearches } from './dns-limits.ts';
import { isLabelKey, isLabelValue, isSubdomain } from './label-syntax.ts';
import { noZone } from './names.ts';
import type { PolicyFile, Toleration } from './policy.ts';
import { didYouMean, where } from './shape.ts';

type ZoneFile = PolicyFile['zones'][string];
type Report = (path: Path, reason: string) => void;

/** What the annotation `realip.io/placed-by` says where no rule decided; so no rule may have these names. */
const otherDeciders = ['pod', 'namespace', 'default'];

/**
 * What the schema can't see: references, names, and everything with which the API server would refuse the
 * patched pod (it does so even under failurePolicy Ignore, so a policy must never get that far).
 */
export function checkMeaning(file: PolicyFile, source: DocumentSource): Finding[] {
  const findings: Finding[] = [];
  const report: Report = (path, reason) => findings.push(source.at(path, reason));

  for (const [name, zone] of Object.entries(file.zones)) {
    if (name === noZone) {
      findings.push(source.atKey(['zones', name], `a zone can't be called "${noZone}": that means no zone`));
    } else if (name === '' || !isLabelValue(name)) {
      findings.push(source.atKey(['zones', name], `the zone name "${name}" is not a label value`));
    }
    checkZone(zone, ['zones', name], report);
  }
  checkRules(file, report);
  if (file.default !== undefined) {
    checkZoneName(file.default, ['default'], file, report);
  }
  return findings;
}

function checkRules(file: PolicyFile, report: Report): void {
  const names = new Map<string, number>();
  for (const [index, rule] of (file.rules ?? []).entries()) {
    const path = ['rules', index, 'name'];
    const earlier = names.get(rule.name);
    if (earlier !== undefined) {
      report(path, `duplicate rule name "${rule.name}": rules[${earlier}] has it already`);
    } else if (otherDeciders.includes(rule.name)) {
      report(
        path,
        `a rule can't be called "${rule.name}": realip.io/placed-by says that where no rule decides`,
      );
    } else if (!/^[\P{C}]{1,63}$/u.test(rule.name)) {
      report(path, 'a rule name has 1 to 63 printable characters');
    }
    names.set(rule.name, index);
    checkZoneName(rule.zone, ['rules', index, 'zone'], file, report);
    checkLabels(rule.match?.labels ?? {}, ['rules', index, 'match', 'labels'], report);
  }
}

function checkZoneName(name: string, path: Path, file: PolicyFile, report: Report): void {
  const known = [...Object.keys(file.zones), noZone];
  if (!known.includes(name)) {
    const hint = didYouMean(nearest(name, known)) || `; known are ${known.join(', ')}`;
    report(path, `${where(path)} names the unknown zone "${name}"${hint}`);
  }
}

function checkZone(zone: ZoneFile, path: Path, report: Report): void {
  checkLabels(zone.nodeSelector ?? {}, [...path, 'nodeSelector'], report);
  for (const [index, toleration] of (zone.tolerations ?? []).entries()) {
    const reason = tolerationFault(toleration);
    if (reason !== null) {
      report([...path, 'tolerations', index], `${where([...path, 'tolerations', index])}: ${reason}`);
    }
  }
  if (zone.dns !== undefined) {
    checkDns(zone.dns, [...path, 'dns'], report);
  }
}

function checkLabels(labels: Readonly<Record<string, string>>, path: Path, report: Report): void {
  for (const [key, value] of Object.entries(labels)) {
    if (!isLabelKey(key)) {
      report([...path, key], `"${key}" in ${where(path)} is not a label key`);
    }
    if (!isLabelValue(value)) {
      report([...path, key], `"${value}" in ${where(path)} is not a label value`);
    }
  }
}

/** Kubernetes' own rules for tolerations (ValidateTolerations in pkg/apis/core/validation). */
function tolerationFault({ key = '', operator = 'Equal', value = '', ...rest }: Toleration): string | null {
  if (key === '' && operator !== 'Exists') {
    return 'a toleration without key needs operator Exists';
  }
  if (key !== '' && !isLabelKey(key)) {
    return `the key "${key}" is not a label key`;
  }
  if (operator === 'Exists' && value !== '') {
    return 'a toleration with operator Exists has no value';
  }
  if (!isLabelValue(value)) {
    return `the value "${value}" is not a label value`;
  }
  return rest.tolerationSeconds !== undefined && rest.effect !== 'NoExecute'
    ? 'tolerationSeconds needs effect NoExecute'
    : null;
}

function checkDns(dns: NonNullable<ZoneFile['dns']>, path: Path, report: Report): void {
  const nameservers = dns.nameservers ?? [];
  const search = dns.search ?? [];
  if (dns.policy === 'company' && (nameservers.length === 0 || nameservers.length > mostNameservers)) {
    report(path, `${where(path)}: policy company needs 1 to ${mostNameservers} nameservers`);
  }
  for (const [index, nameserver] of nameservers.entries()) {
    try {
      Ip.parse(nameserver);
    } catch (error) {
      report(
        [...path, 'nameservers', index],
        `${where([...path, 'nameservers', index])}: ${reasonOf(error)}`,
      );
    }
  }
  if (search.length > mostSearches) {
    report([...path, 'search'], `${where([...path, 'search'])} has more than ${mostSearches} domains`);
  }
  for (const [index, domain] of search.entries()) {
    if (!isSubdomain(domain.replace(/\.$/, ''))) {
      report([...path, 'search', index], `"${domain}" in ${where([...path, 'search'])} is not a domain`);
    }
  }
}
