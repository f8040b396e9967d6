import type { Finding } from '../../document/finding.ts';
import type { DocumentSource } from '../../document/source.ts';
import type { Report } from './field-meaning.ts';
import type { Knowledge } from './knowledge.ts';
import type { Policy, PolicyFile } from './policy.ts';
import { findRuleOddities } from './rule-oddity.ts';
import { findStarved } from './starved.ts';
import { findZoneOddities } from './zone-oddity.ts';

/** What is allowed, but hardly meant: worth a warning when the policy is loaded. */
export function findOddities(
  file: PolicyFile,
  policy: Policy,
  source: DocumentSource,
  knows: Knowledge,
): Finding[] {
  const findings: Finding[] = [];
  const report: Report = {
    at: (path, reason) => findings.push(source.at(path, reason)),
    atKey: (path, reason) => findings.push(source.atKey(path, reason)),
  };
  if (file.default === undefined) {
    report.at([], 'there is no "default": pods that no rule matches are left alone');
  }
  findZoneOddities(file, policy, report);
  findRuleOddities(file, policy, knows, report);
  findStarved(policy, report);
  return findings;
}
