import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Sysctls } from './sysctls.ts';

test('what kubelets set for the whole machine is as before when the last cluster has gone, not earlier', () => {
  const work = mkdtempSync(join(tmpdir(), 'realip-sysctls-'));
  const [folder, root] = [join(work, 'clusters'), join(work, 'sys')];
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
  const now = (name: string) => readFileSync(join(root, name), 'utf8').trim();
  const panic = () => now('kernel/panic');
  try {
    new Sysctls(folder, root).save();
    expect(now('fs/inotify/max_user_instances')).toBe('2048');
    mkdirSync(join(folder, 'one'));
    writeFileSync(join(root, 'kernel/panic'), '10\n');
    new Sysctls(folder, root).save();
    mkdirSync(join(folder, 'two'));
    rmSync(join(folder, 'one'), { recursive: true });
    new Sysctls(folder, root).restore();
    expect(panic()).toBe('10');
    rmSync(join(folder, 'two'), { recursive: true });
    new Sysctls(folder, root).restore();
    expect(panic()).toBe('1');
    expect(now('fs/inotify/max_user_instances')).toBe('7');
    expect(existsSync(folder)).toBe(false);
  } finally {
    rmSync(work, { recursive: true });
  }
});
