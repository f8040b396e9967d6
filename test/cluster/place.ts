import { join } from 'node:path';

/** All clusters' files are beneath it: on a disk, not in memory, since containers' file systems lie there. */
export const clustersFolder = '/var/tmp/realip-cluster';

/** What a cluster's things are called on the machine. Each name carries the cluster's, which can't hold a dot. */
export class Place {
  readonly name: string;
  readonly folder: string;

  /** @throws Error when the name could not be a part of others */
  constructor(name: string) {
    if (!/^[a-z0-9]([a-z0-9-]{0,18}[a-z0-9])?$/.test(name)) {
      throw new Error(
        `a cluster can't be called ${name}: up to 20 of a–z, 0–9 and -, neither first nor last a -`,
      );
    }
    this.name = name;
    this.folder = join(clustersFolder, name);
  }

  file(...names: string[]): string {
    return join(this.folder, ...names);
  }

  /** What the names of all its network namespaces begin with. */
  get prefix(): string {
    return `realip-cluster.${this.name}.`;
  }

  /** The name of a network namespace: of a machine, or of the switch. */
  namespace(machine: string): string {
    return `${this.prefix}${machine}`;
  }

  /** The cgroup under which its nodes have theirs. */
  get cgroup(): string {
    return `/realip-cluster.${this.name}`;
  }
}
