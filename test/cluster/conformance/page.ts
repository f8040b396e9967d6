import type { Judgement, Plane } from './judgement.ts';
import { sumOf } from './judgement.ts';

/** What a run was made of: a name, and its version. */
export type Versions = Readonly<Record<string, string>>;

/** A data plane's section: what ran when, and how each spec ended. */
export function sectionOf(judgements: readonly Judgement[], versions: Versions, date: string): string {
  const made = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const rows = judgements.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map(rowOf);
  return [
    `On ${date}, with ${made.join(', ')}: **${sumOf(judgements)}**.`,
    '',
    '| Spec | | Seconds |',
    '|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

function rowOf({ name, state, seconds, why }: Judgement): string {
  const end = { passed: 'passed', failed: `**failed**: ${why}`, excused: `can’t: ${why}` }[state];
  return `| ${cell(shortName(name))} | ${cell(end)} | ${Math.round(seconds)} |`;
}

/** Without what all of them are called. */
export function shortName(spec: string): string {
  return spec.replace('[sig-network] ', '').replaceAll(/ \[(?:Node)?Conformance\]| \[LinuxOnly\]/g, '');
}

function cell(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').replaceAll('<', '&lt;').slice(0, 300);
}

/** The page with a data plane's section in place of the one before; @throws Error when it has no place for it */
export function withSection(page: string, plane: Plane, section: string): string {
  const begin = `<!-- ${plane} -->`;
  const end = `<!-- /${plane} -->`;
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) {
    throw new Error(`the page has no ${begin} … ${end}`);
  }
  return `${before}${begin}\n${section}${end}${after}`;
}
