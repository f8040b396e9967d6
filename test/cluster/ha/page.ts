import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../../parts/folder.ts';
import type { Step } from '../install/guide.ts';

/** What docs/ipam/etcd.md has an admin type on a cluster: there, or on the way back. */
export function stepsOf(way: 'there' | 'back'): Step[] {
  const page = readFileSync(join(repository, 'docs/ipam/etcd.md'), 'utf8');
  const fence = way === 'there' ? 'sh cluster' : 'sh cluster back';
  return [...page.matchAll(/^```(.+)\n([\s\S]*?)^```$/gm)]
    .filter(([, kind]) => kind === fence)
    .map(({ index, 2: script = '' }) => ({
      section: 'From SQLite, and back',
      seat: 'admin',
      script,
      line: page.slice(0, index).split('\n').length + 1,
    }));
}
