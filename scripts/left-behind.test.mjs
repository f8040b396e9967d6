import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isFault, leftBehind, namespaceList } from './left-behind.mjs';

/** In which a run's tests write. */
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'realip-left-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

test('network namespaces that tests made and left are told; those that went, and others’, are not', async () => {
  const netns = join(folder, 'netns');
  mkdirSync(netns);
  for (const name of ['rk12-mwr4-node', 'rk13-mwr4-node', 'old']) {
    writeFileSync(join(netns, name), '');
  }
  writeFileSync(namespaceList(folder), 'rk12-mwr4-node\nrealip-nl-12-3\nrk12-mwr4-node\n');
  expect(await leftBehind(folder, 0, netns)).toEqual(['network namespace rk12-mwr4-node']);
});

test('a process that a test left is told', async () => {
  const child = spawn('sleep', ['600'], { env: { PATH: process.env.PATH, TMPDIR: folder } });
  try {
    expect(await leftBehind(folder, 0)).toContain(`process ${child.pid}: sleep 600`);
  } finally {
    child.kill('SIGKILL');
  }
});

test('where nothing was written down nothing was left', async () => {
  expect(await leftBehind(folder, 0)).toEqual([]);
});

test('what is left of tests that passed at once is a fault; a test that failed may not have come to clearing away', () => {
  expect(isFault({ failed: 0, mended: 0 }, {})).toBe(true);
  expect(isFault({ failed: 1, mended: 0 }, {})).toBe(false);
  expect(isFault({ failed: 0, mended: 1 }, {})).toBe(false);
  expect(isFault({ failed: 0, mended: 0 }, { REALIP_CLUSTER_KEEP: '1' })).toBe(false);
});
