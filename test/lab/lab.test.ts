import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const root = join(import.meta.dirname, '../..');
const minutes = 60_000;

function leftovers(): string[] {
  const namespaces = existsSync('/run/netns') ? readdirSync('/run/netns') : [];
  return namespaces.filter((name) => name.startsWith('realip-lab-'));
}

function start(...flags: string[]) {
  return spawnSync('npm', ['start', '--silent', '--', ...flags], {
    cwd: root,
    encoding: 'utf8',
    timeout: 10 * minutes,
  });
}

/** Starts the lab and waits until it has printed `mark`. */
async function startUntil(mark: string) {
  const child = spawn(process.execPath, [join(root, 'dist', 'lab.js')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout.on('data', (data) => {
    said += data;
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  while (!said.includes(mark) && child.exitCode === null) {
    await sleep(20);
  }
  expect(said).toContain(mark);
  const failures = () => said.split('\n').filter((line) => line.includes('✘'));
  return { child, ended, failures };
}

test(
  'npm start succeeds in every step, in plain lines where there is no terminal, and leaves nothing',
  () => {
    const { status, stdout, stderr } = start();
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).not.toContain('✘');
    expect(stdout).not.toContain('\u001b');
    const closing = /^(\d+) of (\d+) steps succeeded/m.exec(stdout);
    expect(Number(closing?.[1])).toBeGreaterThan(40);
    expect(stdout).toMatch(/✔ shop-9 starts on n1 .* ADD/);
    expect(stdout).toMatch(/✔ the journal drains/);
    expect(stdout).toMatch(/✔ the agent hears it, and the address is in quarantine/);
    expect(closing?.[1]).toBe(closing?.[2]);
    expect(leftovers()).toEqual([]);
    expect(existsSync('/run/realip-lab')).toBe(false);
  },
  12 * minutes,
);

test(
  'a lab that was killed with -9 in the middle is removed by the next start',
  async () => {
    const { child, ended } = await startUntil('✔ pod shop/shop-1');
    child.kill('SIGKILL');
    await ended;
    expect(leftovers().length).toBeGreaterThan(5);
    const { status, stdout } = start();
    expect(stdout).toContain('Removed what an earlier lab left');
    expect(status).toBe(0);
    expect(leftovers()).toEqual([]);
  },
  12 * minutes,
);

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s in the middle removes all that was made',
  async (signal) => {
    const { child, ended } = await startUntil('✔ pod shop/shop-1');
    child.kill(signal);
    expect(await ended).toBe(signal === 'SIGINT' ? 130 : 143);
    expect(leftovers()).toEqual([]);
    expect(existsSync('/run/realip-lab')).toBe(false);
  },
  12 * minutes,
);

test(
  'a second lab beside a running one is refused',
  async () => {
    const { child, ended, failures } = await startUntil('✔ pod kube-system/kube-dns');
    const second = start();
    expect(second.status).toBe(1);
    expect(second.stderr).toContain(`Another lab is running (process ${child.pid})`);
    expect({ status: await ended, failed: failures() }).toEqual({ status: 0, failed: [] });
  },
  12 * minutes,
);

test(
  'a normal user runs it in a user namespace, and nothing shows outside',
  () => {
    // Bound to a place of its own, because the folders above a clone may be closed to other users.
    const asNobody = 'setpriv --reuid 65534 --regid 65534 --clear-groups';
    const script = `mount --bind "$0" /mnt && cd /mnt && exec ${asNobody} "$1" dist/lab.js`;
    const lab = spawnSync('unshare', ['--mount', 'sh', '-c', script, root, process.execPath], {
      encoding: 'utf8',
      timeout: 10 * minutes,
    });
    expect({ status: lab.status, stderr: lab.stderr }).toEqual({ status: 0, stderr: '' });
    expect(lab.stdout).toMatch(/^(\d+) of \1 steps succeeded/m);
    expect(leftovers()).toEqual([]);
  },
  12 * minutes,
);

test(
  'on a terminal it has colours, and none with NO_COLOR',
  () => {
    const onTerminal = (environment: Record<string, string>) =>
      spawnSync('script', ['-qec', `${process.execPath} dist/lab.js`, '/dev/null'], {
        cwd: root,
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], TERM: 'xterm', ...environment },
        timeout: 10 * minutes,
      }).stdout;
    expect(onTerminal({})).toContain('\u001b[32m✔');
    expect(onTerminal({ NO_COLOR: '1' })).not.toContain('\u001b[32m');
  },
  12 * minutes,
);
