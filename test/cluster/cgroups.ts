import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = '/sys/fs/cgroup';
/** What kubelet and runc want of cgroup v1. */
const controllers = ['cpu', 'cpuacct', 'cpuset', 'memory', 'devices', 'freezer', 'blkio', 'pids'];

/**
 * Weight of all pods of a cluster among this machine's processes. A node's pods outweigh its daemons; here the daemons are
 * processes of the machine's own cgroup, each of which counts 1024, as by default all pods of all nodes together would:
 * agents and servers then hang where the machine is busy.
 */
const podsShare = '32768';

/** Why nodes can't have cgroups of their own here; null when they can. */
export function cgroupFault(): string | null {
  if (existsSync(join(root, 'cgroup.controllers'))) {
    return 'this machine has cgroup v2, and the test cluster divides cgroup v1 among its nodes';
  }
  const missing = controllers.filter((name) => !existsSync(join(root, name, 'cgroup.procs')));
  return missing.length === 0 ? null : `cgroup v1 lacks ${missing.join(', ')} under ${root}`;
}

/** Makes a node's cgroup, and its cluster's above it, in every hierarchy; it may use all that the machine may. */
export function makeCgroup(path: string): void {
  for (const hierarchy of readdirSync(root).filter((name) => existsSync(join(root, name, 'cgroup.procs')))) {
    const folder = join(root, hierarchy, path);
    for (const each of [dirname(folder), folder]) {
      mkdirSync(each, { recursive: true });
      if (hierarchy === 'cpu' && each !== folder) {
        writeFileSync(join(each, 'cpu.shares'), podsShare);
      }
      if (hierarchy === 'cpuset') {
        for (const file of ['cpuset.cpus', 'cpuset.mems']) {
          writeFileSync(join(each, file), readFileSync(join(dirname(each), file)));
        }
      }
    }
  }
}
