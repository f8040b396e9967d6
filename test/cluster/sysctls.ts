import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
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

const isCluster = (each: { isDirectory(): boolean }) => each.isDirectory();

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
    this.#adopt();
    if (!existsSync(this.#file)) {
      const values = names.map((name) => [name, this.#value(name)]);
      mkdirSync(this.#folder, { recursive: true });
      writeFileSync(this.#file, JSON.stringify(Object.fromEntries(values)));
    }
    if (Number(this.#value(watchers.name)) < watchers.least) {
      writeFileSync(join(this.#root, watchers.name), `${watchers.least}`);
    }
  }

  /** Sets the machine as it was, once no cluster is left. Another may be begun meanwhile, by another process. */
  restore(): void {
    if (this.#hasClusters()) {
      return;
    }
    this.#adopt();
    const own = `${this.#file}.${process.pid}`;
    try {
      renameSync(this.#file, own);
    } catch {
      // There is none, or another process has just taken it.
      return;
    }
    for (const [name, value] of Object.entries<string>(JSON.parse(readFileSync(own, 'utf8')))) {
      if (this.#value(name) !== value) {
        writeFileSync(join(this.#root, name), value);
      }
    }
    if (this.#hasClusters()) {
      renameSync(own, this.#file);
      this.save();
    } else {
      rmSync(own);
      this.#removeFolder();
    }
  }

  /** Takes over what a process held that was killed while it restored; it is older than what others may have written. */
  #adopt(): void {
    for (const name of existsSync(this.#folder) ? readdirSync(this.#folder) : []) {
      const by = /^sysctls\.json\.(\d+)$/.exec(name)?.[1];
      if (by !== undefined && (Number(by) === process.pid || !existsSync(`/proc/${by}`))) {
        try {
          renameSync(join(this.#folder, name), this.#file);
        } catch {
          // Another process has just taken it over.
        }
      }
    }
  }

  #hasClusters(): boolean {
    return existsSync(this.#folder) && readdirSync(this.#folder, { withFileTypes: true }).some(isCluster);
  }

  #removeFolder(): void {
    try {
      rmdirSync(this.#folder);
    } catch {
      // Another cluster has just begun in it.
    }
  }

  get #file(): string {
    return join(this.#folder, 'sysctls.json');
  }

  #value(name: string): string {
    return readFileSync(join(this.#root, name), 'utf8').trim();
  }
}
