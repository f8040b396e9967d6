import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startServer } from './process.ts';

const page = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'docs', 'ipam.md');

test('the cookbook of docs/ipam.md works as it is written', async () => {
  const cookbook = readFileSync(page, 'utf8').split('## Cookbook')[1] ?? '';
  const blocks = [...cookbook.matchAll(/```sh\n(.*?)```/gs)].map(([, block]) => block);
  const server = await startServer('memory:');
  const script = blocks
    .join('\n')
    .replace('http://127.0.0.1:8080', server.url)
    .replaceAll('curl -sS', 'curl -sSf');
  const output = execFileSync('bash', ['-euo', 'pipefail', '-c', script], { encoding: 'utf8' });
  expect(output).toContain('"address":"10.9.2.0/16"');
  expect((await server.call('GET', '/v1/allocations')).body.items).toEqual([]);
  await server.stop();
});
