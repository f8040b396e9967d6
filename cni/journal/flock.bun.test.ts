import { expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { slowness } from '../../netlink/testing/slowness.ts';
import { flock, patientFlock } from './flock.bun.ts';

test('who was stopped with the lock stops nobody for ever', () => {
  const folder = mkdtempSync(join(tmpdir(), 'realip-flock-'));
  const path = join(folder, 'lock');
  const held = flock(path, true);
  const began = performance.now();
  expect(patientFlock(path, false)).toBeUndefined();
  expect(performance.now() - began).toBeLessThan(500 * slowness());
  expect(patientFlock(path, true)).toBeUndefined();
  expect(performance.now() - began).toBeGreaterThan(4_900);
  held?.unlock();
  const taken = patientFlock(path, true);
  expect(taken).toBeDefined();
  taken?.unlock();
  rmSync(folder, { recursive: true });
});
