import { type Ink, printStep } from '../explain/print.ts';
import type { CaseResult, CasesReport } from './run.ts';

/** The report for people; `file` is that of the cases. */
export function printCases(
  { passed, failed, cases, unreached }: CasesReport,
  file: string,
  ink: Ink,
): string {
  const summary = `${passed} passed, ${failed} failed`;
  const uncovered = unreached.length === 0 ? [] : [ink.aside(`decided in no case: ${unreached.join(', ')}`)];
  return [
    ...cases.flatMap((result) => printCase(result, file, ink)),
    '',
    failed === 0 ? ink.good(summary) : ink.bad(summary),
    ...uncovered,
    '',
  ].join('\n');
}

function printCase({ name, line, passed, misses, steps }: CaseResult, file: string, ink: Ink): string[] {
  if (passed) {
    return [`${ink.good('✔')} ${name}`];
  }
  return [
    `${ink.bad('✘')} ${name} (${file}:${line})`,
    ...misses.flatMap(({ field, expected, got }) => [
      `    ${field}: expected ${ink.good(expected)}, got ${ink.bad(got)}`,
    ]),
    ...steps.map((step) => `      ${printStep(step, ink)}`),
  ];
}
