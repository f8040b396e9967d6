import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { newFolder, startServer } from './process.ts';

const docs = join(import.meta.dirname, '..', '..', 'docs');

/** The shell lines of a page that call the API. */
function callsOf(page: string): string[] {
  const text = readFileSync(join(docs, page), 'utf8');
  const blocks = [...text.matchAll(/```sh\n(.*?)```/gs)].map(([, block = '']) => block);
  return blocks.filter((block) => /\bcurl\b|^send /m.test(block));
}

const cookbook = 'ipam/cookbook.md';
const pages = ['ipam.md', 'runbooks.md', ...readdirSync(join(docs, 'ipam')).map((name) => `ipam/${name}`)];
/** What the pages suppose: the cookbook's first block makes zone, subnet, ranges and node. */
const [begin = ''] = callsOf(cookbook);

/** Runs a page's lines against a server of their own; every call must succeed. @returns what they print, and what is allocated then */
async function run(page: string): Promise<string> {
  const folder = newFolder();
  const server = await startServer(`sqlite:${join(folder.path, 'ipam.db')}`);
  try {
    const script = [begin, ...callsOf(page).filter((block) => block !== begin)]
      .join('\n')
      .replaceAll('http://127.0.0.1:8080', server.url)
      .replaceAll('curl -sS', 'curl -sSf');
    const output = execFileSync('bash', ['-euo', 'pipefail', '-c', script], {
      encoding: 'utf8',
      cwd: folder.path,
    });
    const { text } = await server.call('GET', '/v1/allocations');
    return `${output}${text}`;
  } finally {
    await server.stop();
    folder.remove();
  }
}

test.each(pages.filter((page) => callsOf(page).length > 0))(
  'the curl lines of docs/%s work as they are written',
  async (page) => {
    expect(await run(page)).not.toBe('');
  },
);

test('the cookbook allocates, looks and releases', async () => {
  const output = await run(cookbook);
  expect(output).toContain('"address":"10.9.2.0/16"');
  expect(output).toContain('"state":"allocated"');
  expect(output).toMatch(/\{"items":\[\]\}$/);
});

test('the day of docs/ipam/addresses.md leads through the states that it tells of', async () => {
  const states = [
    ...(await run('ipam/addresses.md')).matchAll(/"address":"10\.9\.1\.[09]","state":"(\w+)"/g),
  ];
  expect(states.map(([, state]) => state)).toEqual([
    'free',
    'allocated',
    'cooling',
    'quarantined',
    'quarantined',
    'reserved',
  ]);
});
