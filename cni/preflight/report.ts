import type { Finding } from './finding.ts';

const marks = { ok: '✔', warning: '!', error: '✘' } as const;

/** Reports whether pods can be expected to work: warnings are no errors. */
export function isFit(findings: readonly Finding[]): boolean {
  return findings.every(({ level }) => level !== 'error');
}

/** For people: a line a finding, its cure below it, and a sentence at the end. */
export function printFindings(findings: readonly Finding[]): string {
  const lines = findings.flatMap(({ id, level, message, cure }) => [
    `${marks[level]} ${id}: ${message}`,
    ...(cure === '' ? [] : [`  → ${cure}`]),
  ]);
  const count = (level: Finding['level']) => findings.filter((each) => each.level === level).length;
  const end = isFit(findings)
    ? `This node is fit for pods with real addresses (warnings: ${count('warning')}).`
    : `This node is not fit yet: errors ${count('error')}, warnings ${count('warning')}.`;
  return [...lines, end].join('\n');
}
