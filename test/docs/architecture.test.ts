import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/ARCHITECTURE.md'), 'utf8');
const tracked = spawnSync(
  'git',
  ['ls-files', 'core', 'schema', 'service', 'netlink', 'cni', 'ipam-server', 'webhook'],
  {
    cwd: root,
    encoding: 'utf8',
  },
);

/** The rooms of the house: each part's folders, one level deep; `testing` folders serve the tests beside them. */
const rooms = new Set(
  tracked.stdout
    .split('\n')
    .filter((path) => path.endsWith('.ts'))
    .map((path) => dirname(path).split('/').slice(0, 2).join('/'))
    .filter((room) => room.includes('/') && !room.endsWith('/testing')),
);

test.each([...rooms].toSorted())('the plan of the house explains %s/', (room) => {
  expect(page).toContain(`\`${room}/\``);
});
