import { readFileSync } from 'node:fs';
import { findingIds } from '../../cni/preflight/finding.ts';

const page = readFileSync(new URL('../../docs/cni.md', import.meta.url), 'utf8');
/** Those of what is well: they need no explanation. */
const good = ['conf', 'master', 'macvlan', 'foreign-mac', 'server', 'agent', 'cluster'];

test.each(findingIds.filter((id) => !good.includes(id)))('docs/cni.md lists the finding %s', (id) => {
  expect(page).toContain(`\`${id}\``);
});
