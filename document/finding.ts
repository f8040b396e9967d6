/** One thing that is wrong (or odd) in a document, with its place; lines and columns count from 1. */
export interface Finding {
  readonly line: number;
  readonly column: number;
  readonly reason: string;
}

/** `file:line: reason`, the form that editors jump to. */
export function formatFinding(file: string, finding: Finding): string {
  return `${file}:${finding.line}: ${finding.reason} (column ${finding.column})`;
}

/** Findings in the order of the file. */
export function inOrder(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => a.line - b.line || a.column - b.column);
}
