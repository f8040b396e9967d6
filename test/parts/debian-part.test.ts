import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const program = join(import.meta.dirname, '../../dist/parts.js');

test('two who fetch a part of Debian at once both have it, and nothing half is left', async () => {
  const cache = mkdtempSync(join(tmpdir(), 'realip-cache-'));
  try {
    const env = { ...process.env, REALIP_PARTS: cache };
    const fetched = () =>
      promisify(execFile)(process.execPath, [program, 'debian-prometheus'], { encoding: 'utf8', env });
    for (const { stdout } of await Promise.all([fetched(), fetched()])) {
      expect(stdout).toBe('looked\nthere debian-prometheus\n');
    }
    expect(readdirSync(cache)).toEqual(['debian-prometheus']);
    expect(readdirSync(join(cache, 'debian-prometheus/usr/bin'))).toContain('promtool');
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
});
