import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The repository's folder. */
export const root = join(import.meta.dirname, '../..');

/**
 * The code blocks of docs/operations.md, in order. `kind` is what stands behind the fence: `sh` for the shell of an admin,
 * `sh stopped` while no server runs, `sh cluster` for kubectl, `yaml file=NAME` for a file.
 */
export const blocks = [
  ...readFileSync(join(root, 'docs/operations.md'), 'utf8').matchAll(/^( *)```(.+)\n([\s\S]*?)^ *```$/gm),
].map(([, indent = '', kind = '', text = '']) => ({ kind, text: text.replaceAll(`\n${indent}`, '\n') }));
