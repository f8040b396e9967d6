import { Ip } from '../../core/address/ip.ts';
import { reasonOf } from '../../core/problem/problem.ts';
import { where } from '../../document/shape.ts';
import type { Path } from '../../document/source.ts';
import { mostNameservers, mostSearches } from './dns-limits.ts';
import { isLabelKey, isLabelValue, isSubdomain } from './label-syntax.ts';
import type { DnsFile, NodeRequirement, Toleration, ZoneFile } from './policy.ts';

/** Takes what is wrong with the value under a path, or with the key that ends the path. */
export interface Report {
  readonly at: (path: Path, reason: string) => void;
  readonly atKey: (path: Path, reason: string) => void;
}

export function checkLabels(labels: Readonly<Record<string, string>>, path: Path, report: Report): void {
  for (const [key, value] of Object.entries(labels)) {
    if (!isLabelKey(key)) {
      report.atKey([...path, key], `"${key}" in ${where(path)} is not a label key`);
    }
    if (!isLabelValue(value)) {
      report.at([...path, key], `"${value}" in ${where(path)} is not a label value`);
    }
  }
}

/** What zones and rules may both say. */
export function checkSettings({ dns }: Pick<ZoneFile, 'dns'>, path: Path, report: Report): void {
  if (dns !== undefined) {
    checkDns(dns, [...path, 'dns'], report);
  }
}

/** Kubernetes' own rules for tolerations (ValidateTolerations in pkg/apis/core/validation). */
export function tolerationFault({
  key = '',
  operator = 'Equal',
  value = '',
  ...rest
}: Toleration): string | null {
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

/** Kubernetes' own rules for conditions on nodes (ValidateNodeSelectorRequirement, labels.NewRequirement). */
export function requirementFault({ key, operator, values = [] }: NodeRequirement): string | null {
  if (!isLabelKey(key)) {
    return `the key "${key}" is not a label key`;
  }
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length === 0) {
        return `operator ${operator} needs values`;
      }
      break;
    case 'Exists':
    case 'DoesNotExist':
      if (values.length > 0) {
        return `operator ${operator} has no values`;
      }
      break;
    case 'Gt':
    case 'Lt':
      if (values.length !== 1 || !/^\d{1,18}$/.test(values[0] ?? '')) {
        return `operator ${operator} needs one value, a whole number`;
      }
  }
  const bad = values.find((value) => !isLabelValue(value));
  return bad === undefined ? null : `the value "${bad}" is not a label value`;
}

function checkDns(dns: DnsFile, path: Path, report: Report): void {
  const nameservers = dns.nameservers ?? [];
  const search = dns.search ?? [];
  if (dns.policy === 'company' && (nameservers.length === 0 || nameservers.length > mostNameservers)) {
    report.at(path, `${where(path)}: policy company needs 1 to ${mostNameservers} nameservers`);
  }
  for (const [index, nameserver] of nameservers.entries()) {
    try {
      Ip.parse(nameserver);
    } catch (error) {
      const at = [...path, 'nameservers', index];
      report.at(at, `${where(at)}: ${reasonOf(error)}`);
    }
  }
  if (search.length > mostSearches) {
    report.at([...path, 'search'], `${where([...path, 'search'])} has more than ${mostSearches} domains`);
  }
  for (const [index, domain] of search.entries()) {
    if (!isSubdomain(domain.replace(/\.$/, ''))) {
      report.at([...path, 'search', index], `"${domain}" in ${where([...path, 'search'])} is not a domain`);
    }
  }
}
