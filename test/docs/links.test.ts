import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const listed = spawnSync('git', ['ls-files', '*.md'], { cwd: root, encoding: 'utf8' });
const pages = listed.stdout.split('\n').filter(Boolean);

/** The targets of a page's links that lead to files of this repository. */
function linksOf(page: string): string[] {
  const text = readFileSync(join(root, page), 'utf8');
  return [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target));
}

test.each(pages)('every link of %s leads somewhere', (page) => {
  const broken = linksOf(page).filter((target) => !existsSync(join(root, dirname(page), target)));
  expect(broken).toEqual([]);
});
