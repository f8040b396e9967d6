import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** The shell snippets of the README, in order; `npm test` is what runs this file. */
const snippets = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)]
  .map(([, script = '']) => script)
  .filter((script) => script.trim() !== 'npm test');

test.each(snippets)('this snippet of the README works as printed:\n%s', (script) => {
  const run = spawnSync('bash', ['-euxo', 'pipefail', '-c', script], {
    cwd: root,
    encoding: 'utf8',
    timeout: 600_000,
  });
  expect({ status: run.status, said: run.status === 0 ? '' : `${run.stdout}\n${run.stderr}` }).toEqual({
    status: 0,
    said: '',
  });
});

test('the README has snippets to run', () => {
  expect(snippets.length).toBeGreaterThan(1);
});
