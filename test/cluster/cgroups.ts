import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = '/sys/fs/cgroup';
/** What kubelet and runc want of cgroup v1. */
const controllers = ['cpu', 'cpuacct', 'cpuset', 'memory', 'devices', 'freezer', 'blkio', 'pids'];

/** Why nodes can't have cgroups of their own here; null when they can. */
export function cgroupFault(): string | null {
  if (existsSync(join(root, 'cgroup.controllers'))) {
    return 'this machine has cgroup v2, and the test cluster divides cgroup v1 among its nodes';
  }
  const missing = controllers.filter((name) => !existsSync(join(root, name, 'cgroup.procs')));
  return missing.length === 0 ? null : `cgroup v1 lacks ${missing.join(', ')} under ${root}`;
}

/** Makes a cgroup in every hierarchy; where there are several of a parent's, it may use all that the parent may. */
export function makeCgroup(path: string): void {
  for (const hierarchy of readdirSync(root).filter((name) => existsSync(join(root, name, 'cgroup.procs')))) {
    const folder = join(root, hierarchy, path);
    for (const each of [dirname(folder), folder]) {
      mkdirSync(each, { recursive: true });
      if (hierarchy === 'cpuset') {
        for (const file of ['cpuset.cpus', 'cpuset.mems']) {
          writeFileSync(join(each, file), readFileSync(join(dirname(each), file)));
        }
      }
    }
  }
}
