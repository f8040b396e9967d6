import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Daemon } from './daemon.ts';

/** How a container of a pod is run as a process. */
export interface ContainerPlan {
  /** What enters the cluster's network. */
  readonly entering: readonly string[];
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly user: number;
  /** Folders of the machine by the paths where the container finds them. */
  readonly mounts: Readonly<Record<string, string>>;
  /** For what the container needs beside its mounts. */
  readonly scratch: string;
  readonly log: string;
}

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/**
 * Starts a container's process: the files of the machine, but with the pod's folders at the container's paths in a
 * mount namespace of its own, the container's user and no capabilities. There is no image and no cgroup.
 */
export function startContainer(plan: ContainerPlan): Daemon {
  const paths = Object.keys(plan.mounts);
  // Mount points that the machine lacks come from a layer above its own folders, and /run is the container's own.
  const layer = join(plan.scratch, 'layer');
  const tops = new Set(paths.map((path) => path.split('/')[1] ?? '').filter((top) => top !== 'var'));
  for (const path of paths) {
    mkdirSync(join(layer, path), { recursive: true });
  }
  const script = [
    'mount --make-rprivate /',
    'mount -t tmpfs tmpfs /run',
    ...[...tops].map((top) => `mount -t overlay overlay -o lowerdir=${layer}/${top}:/${top} /${top}`),
    ...Object.entries(plan.mounts).flatMap(([path, folder]) => [
      `mkdir -p ${quoted(path)}`,
      `mount --bind ${quoted(folder)} ${quoted(path)}`,
    ]),
    `exec setpriv --reuid ${plan.user} --regid ${plan.user} --clear-groups --inh-caps=-all --bounding-set=-all --pdeathsig KILL "$@"`,
  ];
  return new Daemon(
    [...plan.entering, 'unshare', '--mount', 'sh', '-euc', script.join('\n'), 'container', ...plan.command],
    plan.log,
    { PATH: process.env['PATH'], ...plan.env },
  );
}
