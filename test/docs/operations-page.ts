import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The repository's folder. */
export const root = join(import.meta.dirname, '../..');

const page = readFileSync(join(root, 'docs/operations.md'), 'utf8');

/**
 * The code blocks of docs/operations.md, in order. `kind` is what stands behind the fence: `sh` for the shell of an admin,
 * `sh stopped` while no server runs, `sh cluster` for kubectl, `yaml file=NAME` for a file; `section` is the heading above
 * it, `line` that of its first line, from 1.
 */
export const blocks = [...page.matchAll(/^( *)```(.+)\n([\s\S]*?)^ *```$/gm)].map((found) => {
  const [, indent = '', kind = '', text = ''] = found;
  const above = page.slice(0, found.index);
  const section = [...above.matchAll(/^#+ (.+)$/gm)].at(-1)?.[1] ?? '';
  return { kind, text: text.replaceAll(`\n${indent}`, '\n'), section, line: above.split('\n').length + 1 };
});
