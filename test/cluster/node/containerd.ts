import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtRelease, runcFolder } from '../../runtimes/release.ts';
import type { Daemon, Machine } from '../machine/machine.ts';

const socket = '/run/containerd/containerd.sock';

const config = (pause: string) => `version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
disabled_plugins = [
  "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.blockfile", "io.containerd.snapshotter.v1.erofs",
]
[grpc]
  address = "${socket}"
[plugins."io.containerd.internal.v1.opt"]
  path = "/run/containerd/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pause}"
  disable_apparmor = true
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/opt/cni/bin"
    conf_dir = "/etc/cni/net.d"
`;

/** Where kubelet finds it. */
export const runtimeEndpoint = `unix://${socket}`;

/** containerd on a node; @param pause the reference of the image that holds pods' namespaces */
export function containerdOf(machine: Machine, pause: string): Daemon {
  const file = join(machine.folder, 'containerd.toml');
  writeFileSync(file, config(pause));
  const { programs } = builtRelease();
  return {
    name: 'containerd',
    command: [join(programs, 'containerd'), '--config', file],
    env: { PATH: `${programs}:${runcFolder()}:${process.env['PATH']}` },
  };
}

const ctr = () => [join(builtRelease().programs, 'ctr'), '--address', socket, '--namespace', 'k8s.io'];

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
