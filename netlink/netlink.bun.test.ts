import { describe, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { reasonToSkip } from './testing/scratch-netns.bun.ts';

const reason = reasonToSkip();
const program = `
  const { Netlink } = await import('${join(import.meta.dir, 'netlink.bun.ts')}');
  Netlink.open().links.get('lo');`;

function run(env: Record<string, string>) {
  return spawnSync(process.execPath, ['-e', program], { encoding: 'utf8', env: { ...process.env, ...env } });
}

describe.skipIf(reason !== undefined)(`the debug switch${reason ? ` (${reason})` : ''}`, () => {
  test('messages are shown on stderr, never on stdout', () => {
    const { stdout, stderr } = run({ REALIP_NETLINK_DEBUG: '1' });
    expect(stdout).toBe('');
    expect(stderr).toContain('netlink > RTM_GETLINK REQUEST|ACK #1');
    expect(stderr).toMatch(/netlink < RTM_NEWLINK .* IFNAME="lo"/);
  });

  test('without it nothing is said', () => {
    const { stdout, stderr } = run({ REALIP_NETLINK_DEBUG: '' });
    expect([stdout, stderr]).toEqual(['', '']);
  });
});
