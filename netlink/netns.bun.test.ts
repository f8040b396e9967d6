import { describe, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Netlink } from './netlink.bun.ts';
import { Netns, within } from './netns.bun.ts';
import { reasonToSkip, ScratchNetns } from './testing/scratch-netns.bun.ts';

const reason = reasonToSkip();

/** Names of the links that a process of this thread sees now. */
function linkNames(): string[] {
  const netlink = Netlink.open();
  const names = netlink.links.list().map((link) => link.name);
  netlink.close();
  return names;
}

/** Reports whether this process's descriptor is of a network namespace; not what was closed since it was listed. */
function isNamespace(descriptor: string): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`).startsWith('net:[');
  } catch {
    return false;
  }
}

test('a path that is no network namespace is refused by name', () => {
  const folder = mkdtempSync(join(tmpdir(), 'realip-nl-'));
  const file = join(folder, 'stale');
  writeFileSync(file, ''); // what `ip netns` leaves behind after a reboot
  for (const path of [file, folder, '/dev/null', '/proc/self/ns/mnt']) {
    expect(() => Netns.open(path)).toThrow(expect.objectContaining({ code: 'NETNS_INVALID' }));
  }
  expect(() => Netns.open(join(folder, 'none'))).toThrow(
    expect.objectContaining({ code: 'NETNS_NOT_FOUND' }),
  );
  expect(() => Netns.open('')).toThrow(expect.objectContaining({ code: 'NETNS_NOT_FOUND' }));
  rmSync(folder, { recursive: true });
});

test('one’s own namespace is known under any path', () => {
  const own = Netns.open('/proc/self/ns/net');
  expect(own.isOwn()).toBe(true);
  own.close();
});

describe.skipIf(reason !== undefined)(`namespaces in the kernel${reason ? ` (${reason})` : ''}`, () => {
  test('within a namespace one sees its links, and afterwards one’s own again', () => {
    using scratch = new ScratchNetns();
    scratch.addUplink();
    const before = linkNames();
    expect(scratch.netns.isOwn()).toBe(false);
    expect(within(scratch.netns, linkNames).toSorted()).toEqual(['lo', 'switch', 'uplink']);
    expect(linkNames()).toEqual(before);
  });

  test('the way back is taken after a throw, and also out of a nested visit', () => {
    using outer = new ScratchNetns();
    using inner = new ScratchNetns();
    const own = Netns.own();
    const visit = () => within(outer.netns, () => within(inner.netns, fail));
    expect(visit).toThrow('on purpose');
    expect(own.isOwn()).toBe(true);
    own.close();
  });

  test('a visit leaves no descriptor open', () => {
    using scratch = new ScratchNetns();
    // Of namespaces only: pipes of programs that have ended are closed whenever Bun comes to it.
    const open = () => readdirSync('/proc/self/fd').filter(isNamespace).length;
    const before = open();
    for (let i = 0; i < 50; i++) {
      within(scratch.netns, () => i);
    }
    expect(open()).toBe(before);
  });

  test('a socket stays in the namespace that it was opened in', () => {
    using scratch = new ScratchNetns();
    scratch.addUplink();
    expect(scratch.netlink.links.find('uplink')).toBeDefined();
    expect(linkNames()).not.toContain('switch');
  });

  test('a namespace that cannot be entered is an error, and one stays', () => {
    const fd = openSync('/dev/null', 'r');
    expect(() => within({ fd, path: '/dev/null' }, () => 0)).toThrow(
      'could not enter the network namespace /dev/null: EINVAL (22)',
    );
    closeSync(fd);
  });

  test('a way back that is barred ends the process with a line on stderr', () => {
    using scratch = new ScratchNetns();
    // The descriptor for the way home is the next one after ours: closing it in the visit bars the way.
    const program = `
      import { closeSync, readdirSync, readlinkSync } from 'node:fs';
      const { Netns, within } = await import('${join(import.meta.dir, 'netns.bun.ts')}');
      const netns = Netns.open('${scratch.netns.path}');
      const home = readlinkSync('/proc/thread-self/ns/net');
      within(netns, () => {
        for (const fd of readdirSync('/proc/self/fd')) {
          try { if (readlinkSync('/proc/self/fd/' + fd) === home) closeSync(Number(fd)); } catch {}
        }
      });
      console.log('still here');`;
    const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' });
    expect(stdout).toBe('');
    expect(stderr).toContain('realip: cannot return to my own network namespace (EBADF); I stop here');
    expect(status).toBe(70);
  });
});

function fail(): number {
  throw new Error('on purpose');
}
