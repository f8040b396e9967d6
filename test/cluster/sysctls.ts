import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clustersFolder } from './place.ts';

/** What a cluster sets for the whole machine. */
const names = [
  'vm/overcommit_memory',
  'vm/panic_on_oom',
  'kernel/panic',
  'kernel/panic_on_oops',
  'kernel/keys/root_maxkeys',
  'kernel/keys/root_maxbytes',
  'fs/inotify/max_user_instances',
];
/** The machine's own 128 are fewer than two clusters' daemons watch files with. Kubelet sets the rest. */
const watchers = { name: 'fs/inotify/max_user_instances', least: 2048 };
const file = join(clustersFolder, 'sysctls.json');
const path = (name: string) => join('/proc/sys', name);

/** Writes down how the machine was, unless another cluster has done so and is still there; then sets what we need. */
export function saveSysctls(): void {
  if (!existsSync(file)) {
    const values = names.map((name) => [name, readFileSync(path(name), 'utf8').trim()]);
    mkdirSync(clustersFolder, { recursive: true });
    writeFileSync(file, JSON.stringify(Object.fromEntries(values)));
  }
  if (Number(readFileSync(path(watchers.name), 'utf8')) < watchers.least) {
    writeFileSync(path(watchers.name), `${watchers.least}`);
  }
}

/** Sets the machine as it was, once no cluster is left. */
export function restoreSysctls(): void {
  if (
    !existsSync(file) ||
    readdirSync(clustersFolder, { withFileTypes: true }).some((each) => each.isDirectory())
  ) {
    return;
  }
  for (const [name, value] of Object.entries<string>(JSON.parse(readFileSync(file, 'utf8')))) {
    if (readFileSync(path(name), 'utf8').trim() !== value) {
      writeFileSync(path(name), value);
    }
  }
  rmSync(clustersFolder, { recursive: true });
}
