import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leftBehind, leftNamespaces, namespaces } from './left-behind.mjs';

test('namespaces of tests that are over are told; others’, older ones and those of living tests are not', () => {
  const now = ['rk12-mwr4-node', 'rk13-mwr4-node', 'realip-nl-12-3', 'realip-lab-n1', 'old', 'rk12-old-node'];
  const left = leftNamespaces(['old', 'rk12-old-node'], now, (pid) => pid === '13');
  expect(left).toEqual(['rk12-mwr4-node', 'realip-nl-12-3']);
});

test('a process that a test left is told', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'realip-left-'));
  const child = spawn('sleep', ['600'], { env: { PATH: process.env.PATH, TMPDIR: folder } });
  try {
    expect(await leftBehind(folder, namespaces(), 0)).toContain(`process ${child.pid}: sleep 600`);
  } finally {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
});
