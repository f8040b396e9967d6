import { nearest } from '../../document/nearest.ts';
import { didYouMean } from '../../document/shape.ts';
import type { Path } from '../../document/source.ts';
import { bareKind } from './arrival.ts';
import type { Report } from './field-meaning.ts';
import type { Knowledge } from './knowledge.ts';
import { whyNoNamespace } from './namespace-pattern.ts';
import type { Policy, PolicyFile, RuleFile } from './policy.ts';
import { whyUnreachable } from './unreachable.ts';
import { findDnsOddities, overlayResource } from './zone-oddity.ts';

/** Kinds of Kubernetes' own that control pods; others may come with any operator. */
const knownKinds = ['Deployment', 'ReplicaSet', 'StatefulSet', 'Job', 'ReplicationController', bareKind];

export function findRuleOddities(file: PolicyFile, policy: Policy, knows: Knowledge, report: Report): void {
  for (const [index, rule] of (file.rules ?? []).entries()) {
    const path = ['rules', index];
    const why = whyUnreachable(policy.rules, index);
    if (why !== null) {
      report.at(path, why);
    }
    findMatchOddities(rule.match ?? {}, [...path, 'match'], knows, report);
    findSettingOddities(rule, policy, path, report);
  }
  const { repair } = file;
  findPatternOddities(repair?.namespaces, ['repair', 'namespaces'], report);
  if (repair !== undefined && policy.repair.evict.length === 0) {
    report.at(['repair'], 'repair evicts nothing: "evict" names neither "unplaced" nor "wrong-zone"');
  }
}

function findMatchOddities(
  match: NonNullable<RuleFile['match']>,
  path: Path,
  knows: Knowledge,
  report: Report,
): void {
  findPatternOddities(match.namespaces, [...path, 'namespaces'], report);
  if (!knows.namespaceLabels && Object.keys(match.namespaceLabels ?? {}).length > 0) {
    report.atKey(
      [...path, 'namespaceLabels'],
      'namespaceLabels match nothing here: the labels of namespaces are known only with --kube',
    );
  }
  for (const [index, kind] of (match.ownerKinds ?? []).entries()) {
    const odd = oddKind(kind);
    if (odd !== null) {
      report.at([...path, 'ownerKinds', index], odd);
    }
  }
}

function oddKind(kind: string): string | null {
  switch (kind) {
    case 'DaemonSet':
      return 'pods of a DaemonSet are never touched';
    case 'CronJob':
      return 'the pods of a CronJob belong to a Job; did you mean "Job"?';
    case 'Pod':
      return `a pod owns no pod; did you mean "${bareKind}", a bare pod?`;
    default: {
      const near = knownKinds.includes(kind) ? undefined : nearest(kind, knownKinds, 2);
      return near === undefined ? null : `the kind "${kind}" is none of Kubernetes' own${didYouMean(near)}`;
    }
  }
}

function findPatternOddities(patterns: readonly string[] | undefined, path: Path, report: Report): void {
  for (const [index, pattern] of (patterns ?? []).entries()) {
    const why = whyNoNamespace(pattern);
    if (why !== null) {
      report.at([...path, index], `"${pattern}" fits no namespace: ${why}`);
    }
  }
}

function findSettingOddities(rule: RuleFile, policy: Policy, path: Path, report: Report): void {
  const zone = policy.zones.get(rule.zone);
  findDnsOddities(rule.dns, [...path, 'dns'], report);
  if (zone?.type === 'overlay' && rule.ipResource === true) {
    report.at([...path, 'ipResource'], overlayResource(`the zone of rule "${rule.name}"`));
  }
  for (const field of ['ipResource', 'dns', 'fixedAddresses'] as const) {
    if (zone === undefined && rule[field] !== undefined) {
      report.atKey(
        [...path, field],
        `${field} counts for nothing: pods of rule "${rule.name}" are left alone`,
      );
    }
  }
}
