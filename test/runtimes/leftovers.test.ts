import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmdirSync } from 'node:fs';
import { removeLeftovers } from './leftovers.ts';
import { until } from './until.ts';

const cgroups = existsSync('/sys/fs/cgroup/pids') ? '/sys/fs/cgroup/pids' : '/sys/fs/cgroup';

test('what a killed test left goes, processes included, and what a living one has stays', async () => {
  const dead = spawnSync('true').pid;
  const [ofDead, ofLiving] = [`rk${dead}-1-node`, `rk${process.pid}-99-node`];
  const [left, kept] = [`${cgroups}/realip-test-${dead}`, `${cgroups}/realip-test-${process.pid}`];
  execFileSync('ip', ['netns', 'add', ofDead]);
  execFileSync('ip', ['netns', 'add', ofLiving]);
  mkdirSync(`${left}/pod`, { recursive: true });
  mkdirSync(kept);
  const daemon = ['netns', 'exec', ofDead, 'sh', '-c', 'sleep 1000 >/dev/null 2>&1 & echo $!'];
  const pid = execFileSync('ip', daemon, { encoding: 'utf8' }).trim();
  try {
    await removeLeftovers();
    expect(existsSync(`/run/netns/${ofDead}`)).toBe(false);
    expect(existsSync(left)).toBe(false);
    await until('its process ended', () => !existsSync(`/proc/${pid}/exe`));
    expect(existsSync(`/run/netns/${ofLiving}`)).toBe(true);
    expect(existsSync(kept)).toBe(true);
  } finally {
    spawnSync('ip', ['netns', 'delete', ofLiving]);
    rmdirSync(kept);
  }
});
