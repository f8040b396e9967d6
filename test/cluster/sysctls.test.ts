import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Sysctls } from './sysctls.ts';

let work: string;
let folder: string;
let root: string;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'realip-sysctls-'));
  [folder, root] = [join(work, 'clusters'), join(work, 'sys')];
  const before = { 'vm/overcommit_memory': '0\n', 'vm/panic_on_oom': '0\n', 'kernel/panic': '1\n' };
  const rest = [
    'kernel/panic_on_oops',
    'kernel/keys/root_maxkeys',
    'kernel/keys/root_maxbytes',
    'fs/inotify/max_user_instances',
  ];
  const values = { ...before, ...Object.fromEntries(rest.map((name) => [name, '7\n'])) };
  for (const [name, value] of Object.entries(values)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), value);
  }
});
afterEach(() => rmSync(work, { recursive: true }));

const now = (name: string) => readFileSync(join(root, name), 'utf8').trim();
const panic = () => now('kernel/panic');

function begin(name: string): void {
  new Sysctls(folder, root).save();
  mkdirSync(join(folder, name));
  // As a kubelet does.
  writeFileSync(join(root, 'kernel/panic'), '10\n');
}

function end(name: string): void {
  rmSync(join(folder, name), { recursive: true });
  new Sysctls(folder, root).restore();
}

test('what kubelets set for the whole machine is as before when the last cluster has gone, not earlier', () => {
  begin('one');
  expect(now('fs/inotify/max_user_instances')).toBe('2048');
  begin('two');
  end('one');
  expect(panic()).toBe('10');
  end('two');
  expect(panic()).toBe('1');
  expect(now('fs/inotify/max_user_instances')).toBe('7');
  expect(existsSync(folder)).toBe(false);
});

/** What a process leaves that is killed while it sets the machine back. */
function killedInRestore(pid: number): void {
  rmSync(join(folder, 'one'), { recursive: true });
  const file = join(folder, 'sysctls.json');
  renameSync(file, `${file}.${pid}`);
}

test('a process that is killed while it sets the machine back leaves that to the next', () => {
  const { pid } = spawnSync('true');
  begin('one');
  killedInRestore(pid);
  // The end of a cluster that isn't there.
  new Sysctls(folder, root).restore();
  expect([panic(), existsSync(folder)]).toEqual(['1', false]);
  begin('one');
  killedInRestore(pid);
  begin('two');
  end('two');
  expect([panic(), existsSync(folder)]).toEqual(['1', false]);
});

test('what a process has taken that is still at work stays its own', () => {
  begin('one');
  killedInRestore(process.ppid);
  new Sysctls(folder, root).restore();
  expect([panic(), existsSync(folder)]).toEqual(['10', true]);
});
