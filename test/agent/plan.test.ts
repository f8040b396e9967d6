import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const plan = (...words: string[]) =>
  spawnSync(join(root, 'dist/realip'), ['plan', ...words], { encoding: 'utf8', env: {} });

test('the example of the agent’s page is what is printed, and a limit that is passed is an exit status', () => {
  const page = readFileSync(join(root, 'docs/agent.md'), 'utf8');
  const [, words = '', printed] = /^\$ realip plan (.*)\n([\s\S]*?)^```$/m.exec(page) ?? [];
  const { status, stdout } = plan(...words.split(' '));
  expect(stdout).toBe(printed);
  expect(status).toBe(1);
});

test('as JSON it is layout, figures, judgements and advice; what fits exits with 0', () => {
  const { status, stdout } = plan('--nodes', '10', '--pods', '50', '--dataplane', 'ptp', '-o', 'json');
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    layout: { nodes: 10, podsPerNode: 50, dataplane: 'ptp' },
    macs: { port: 1, core: 510 },
    frames: { coldStart: { frames: 10 * 16 * 6 } },
    advice: { dataplane: 'macvlan' },
  });
});

test('a number that is none is refused', () => {
  for (const words of [[], ['--nodes', '0', '--pods', '5'], ['--nodes', '5', '--pods', '-1']]) {
    const { status, stdout } = plan(...words);
    expect(status).toBe(2);
    expect(stdout).toBe('');
  }
});
