// The house's own rules that no linter knows: file lengths, folder names, TODOs with a reason.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { root } from './root.mjs';

const longest = 400;
const tracked = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
});
const sources = tracked.stdout
  .split('\n')
  .filter((path) => /\.(ts|mjs|js|cjs)$/.test(path) && existsSync(join(root, path)));
const complaints = [];

for (const path of sources) {
  const text = readFileSync(join(root, path), 'utf8');
  const lines = text.split('\n').length - 1;
  if (lines > longest) {
    complaints.push(`${path}: ${lines} lines; cut it at a seam (${longest} at most)`);
  }
  if (/(^|\/)(utils?|helpers?|common|misc)(\/|\.)/.test(path) || basename(path) === 'index.ts') {
    complaints.push(`${path}: name it by what it does`);
  }
  if (/\/\/ *TODO(?!\([^)]+\): )/.test(text)) {
    complaints.push(`${path}: a TODO names its reason or issue, as in TODO(#12): …`);
  }
}
for (const complaint of complaints) {
  console.log(complaint);
}
process.exit(complaints.length === 0 ? 0 : 1);
