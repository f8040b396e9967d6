import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../../parts/folder.ts';

/** Where a command is typed: at the admin's machine, in the office, on the ledger's node. */
export type Seat = 'admin' | 'office' | 'ledger-node';

/** The commands between two texts of the guide. */
export interface Step {
  /** The heading that it stands below. */
  readonly section: string;
  readonly seat: Seat;
  readonly script: string;
  /** Of its first command in the guide, from 1. */
  readonly line: number;
}

/** What docs/install.md tells an admin to type, in order. */
export function readGuide(): Step[] {
  return stepsOf(readFileSync(join(repository, 'docs/install.md'), 'utf8'));
}

/**
 * The code blocks of a page: `sh` for the admin's seat, `sh office` and `sh ledger-node` for the others.
 *
 * @throws Error for a block of another kind, which nobody would run
 */
export function stepsOf(page: string): Step[] {
  const steps: Step[] = [];
  let section = '';
  let open: { readonly seat: Seat; readonly line: number; readonly commands: string[] } | null = null;
  for (const [index, text] of page.split('\n').entries()) {
    if (open === null && text.startsWith('```')) {
      open = { seat: seatOf(text, index + 1), line: index + 2, commands: [] };
    } else if (open !== null && text === '```') {
      const { commands, ...place } = open;
      steps.push({ section, ...place, script: commands.join('\n') });
      open = null;
    } else if (open !== null) {
      open.commands.push(text);
    } else if (text.startsWith('## ')) {
      section = text.slice(3);
    }
  }
  return steps;
}

function seatOf(fence: string, line: number): Seat {
  const [known, seat = 'admin'] = /^```sh(?: (office|ledger-node))?$/.exec(fence) ?? [];
  if (known === undefined) {
    throw new Error(`line ${line}: ${fence} is nothing that anybody would type`);
  }
  return seat as Seat;
}
