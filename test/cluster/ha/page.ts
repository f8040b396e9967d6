import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../../parts/folder.ts';
import type { Step } from '../install/guide.ts';

/** By what a block of docs/ipam/etcd.md is known, and below which heading it stands. */
const ways = {
  there: { fence: 'sh cluster', section: 'From SQLite, and back' },
  back: { fence: 'sh cluster back', section: 'From SQLite, and back' },
  drill: { fence: 'sh drill', section: 'etcd is lost wholly' },
} as const;

/** What docs/ipam/etcd.md has an admin type on a cluster: there, on the way back, or when all of etcd is lost. */
export function stepsOf(way: keyof typeof ways): Step[] {
  const page = readFileSync(join(repository, 'docs/ipam/etcd.md'), 'utf8');
  const { fence, section } = ways[way];
  return [...page.matchAll(/^```(.+)\n([\s\S]*?)^```$/gm)]
    .filter(([, kind]) => kind === fence)
    .map(({ index, 2: script = '' }) => ({
      section,
      seat: 'admin',
      script,
      line: page.slice(0, index).split('\n').length + 1,
    }));
}
