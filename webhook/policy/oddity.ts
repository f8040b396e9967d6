import type { Finding } from '../../document/finding.ts';
import type { DocumentSource, Path } from '../../document/source.ts';
import { isSubdomain } from './label-syntax.ts';
import type { PolicyFile } from './policy.ts';
import { resolveZones } from './resolve.ts';
import { where } from './shape.ts';

/** What is allowed, but hardly meant: worth a warning when the policy is loaded. */
export function findOddities(file: PolicyFile, source: DocumentSource): Finding[] {
  const findings: Finding[] = [];
  const report = (path: Path, reason: string) => findings.push(source.at(path, reason));

  if (file.default === undefined) {
    report([], 'there is no "default": pods that no rule matches are left alone');
  }
  const resolved = resolveZones(file.zones);
  for (const [name, zone] of Object.entries(file.zones)) {
    const path = ['zones', name];
    const { nodeSelector = {}, matchExpressions = [] } = resolved.get(name) ?? {};
    if (Object.keys(nodeSelector).length === 0 && matchExpressions.length === 0) {
      report(path, `zone "${name}" has no nodeSelector: its pods may land on any node`);
    }
    if (zone.dns?.policy === 'keep' && (zone.dns.nameservers ?? zone.dns.search) !== undefined) {
      report(
        [...path, 'dns'],
        `${where([...path, 'dns'])}: nameservers and search count only with policy company`,
      );
    }
  }
  return [...findings, ...oddRules(file.rules ?? [], source)];
}

function oddRules(rules: NonNullable<PolicyFile['rules']>, source: DocumentSource): Finding[] {
  const findings: Finding[] = [];
  let catchAll: string | undefined;
  for (const [index, { name, match }] of rules.entries()) {
    if (catchAll !== undefined) {
      const reason = `rule "${name}" is never reached: rule "${catchAll}" matches every pod`;
      findings.push(source.at(['rules', index], reason));
      continue;
    }
    const namespaces = match?.namespaces ?? [];
    for (const [at, pattern] of namespaces.entries()) {
      if (!isSubdomain(pattern.replaceAll('*', 'a'))) {
        const path = ['rules', index, 'match', 'namespaces', at];
        findings.push(source.at(path, `"${pattern}" fits no namespace: "*" is the only wildcard`));
      }
    }
    const everywhere = namespaces.length === 0 || namespaces.some((pattern) => /^\*+$/.test(pattern));
    const { namespaces: _, ...others } = match ?? {};
    const unconditional = Object.values(others).every((condition) => Object.keys(condition).length === 0);
    catchAll = everywhere && unconditional ? name : undefined;
  }
  return findings;
}
