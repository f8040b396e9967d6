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

/** How the machine was before there was a cluster; kept beside the clusters' folders. */
export class Sysctls {
  readonly #folder: string;
  readonly #root: string;

  constructor(folder = clustersFolder, root = '/proc/sys') {
    this.#folder = folder;
    this.#root = root;
  }

  /** Writes it down, unless another cluster has done so and is still there; then sets what we need. */
  save(): void {
    if (!existsSync(this.#file)) {
      const values = names.map((name) => [name, this.#value(name)]);
      mkdirSync(this.#folder, { recursive: true });
      writeFileSync(this.#file, JSON.stringify(Object.fromEntries(values)));
    }
    if (Number(this.#value(watchers.name)) < watchers.least) {
      writeFileSync(join(this.#root, watchers.name), `${watchers.least}`);
    }
  }

  /** Sets the machine as it was, once no cluster is left. */
  restore(): void {
    const isCluster = (each: { isDirectory(): boolean }) => each.isDirectory();
    if (!existsSync(this.#file) || readdirSync(this.#folder, { withFileTypes: true }).some(isCluster)) {
      return;
    }
    for (const [name, value] of Object.entries<string>(JSON.parse(readFileSync(this.#file, 'utf8')))) {
      if (this.#value(name) !== value) {
        writeFileSync(join(this.#root, name), value);
      }
    }
    rmSync(this.#folder, { recursive: true });
  }

  get #file(): string {
    return join(this.#folder, 'sysctls.json');
  }

  #value(name: string): string {
    return readFileSync(join(this.#root, name), 'utf8').trim();
  }
}
