import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { containerdConfig } from '../../runtimes/containerd-config.ts';
import { builtRelease, runcFolder } from '../../runtimes/release.ts';
import type { Daemon, Machine } from '../machine/machine.ts';

/** Where it serves, on its node. */
export const containerdSocket = '/run/containerd/containerd.sock';

/** Where kubelet finds it. */
export const runtimeEndpoint = `unix://${containerdSocket}`;

/** Where its metrics are told, to who is on the node. */
export const metricsAddress = '127.0.0.1:1338';

/** containerd on a node; @param pause the reference of the image that holds pods' namespaces */
export function containerdOf(machine: Machine, pause: string): Daemon {
  const file = join(machine.folder, 'containerd.toml');
  writeFileSync(
    file,
    containerdConfig({
      root: '/var/lib/containerd',
      state: '/run/containerd',
      socket: containerdSocket,
      metrics: metricsAddress,
      cri: { pause, binDir: '/opt/cni/bin', confDir: '/etc/cni/net.d' },
    }),
  );
  const { programs } = builtRelease();
  return {
    name: 'containerd',
    command: [join(programs, 'containerd'), '--config', file],
    env: { PATH: `${programs}:${runcFolder()}:${process.env['PATH']}` },
  };
}

const ctr = () => [
  join(builtRelease().programs, 'ctr'),
  '--address',
  containerdSocket,
  '--namespace',
  'k8s.io',
];

/** Reports whether it answers. */
export async function isServing(machine: Machine): Promise<boolean> {
  return (await machine.enter([...ctr(), 'version'])).status === 0;
}

/** Ends a container's first process with -9, and so all of its processes; @throws Error with ctr's words */
export async function killContainer(machine: Machine, id: string): Promise<void> {
  const { status, stderr } = await machine.enter([...ctr(), 'tasks', 'kill', '--signal', 'SIGKILL', id]);
  if (status !== 0) {
    throw new Error(`${machine.name} does not end the container ${id}: ${stderr}`);
  }
}
