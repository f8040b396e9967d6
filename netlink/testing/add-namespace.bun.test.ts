import { afterEach, expect, test } from 'bun:test';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addNamespace } from './add-namespace.ts';
import { reasonToSkip } from './scratch-netns.bun.ts';

const before = process.env['REALIP_NAMESPACES'];

afterEach(() => {
  if (before === undefined) {
    delete process.env['REALIP_NAMESPACES'];
  } else {
    process.env['REALIP_NAMESPACES'] = before;
  }
});

test.skipIf(reasonToSkip() !== undefined)(
  'what tests make is written down where a run wants to know it',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'realip-namespaces-'));
    const name = `realip-nl-${process.pid}-written`;
    process.env['REALIP_NAMESPACES'] = join(folder, 'namespaces');
    try {
      addNamespace(name);
      expect(existsSync(`/run/netns/${name}`)).toBe(true);
      expect(readFileSync(join(folder, 'namespaces'), 'utf8')).toBe(`${name}\n`);
    } finally {
      execFileSync('ip', ['netns', 'delete', name]);
      rmSync(folder, { recursive: true });
    }
  },
);
