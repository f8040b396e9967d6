/** What a containerd of the tests is told. */
export interface ContainerdSettings {
  /** Where it keeps images and snapshots. */
  readonly root: string;
  /** Where it keeps what runs; gone with the machine. */
  readonly state: string;
  readonly socket: string;
  /** Address and port where it tells its metrics over HTTP; nowhere without. */
  readonly metrics?: string;
  /** For pods over CRI; null where it only takes images in. */
  readonly cri: {
    /** Reference of the image that holds pods' namespaces. */
    readonly pause: string;
    readonly binDir: string;
    readonly confDir: string;
  } | null;
}

const criPlugins = ['grpc.v1.cri', 'cri.v1.images', 'cri.v1.runtime'];
/** Programs and kernel parts that a test's machine lacks; containerd would look for them. */
const snapshotters = ['aufs', 'btrfs', 'zfs', 'devmapper', 'blockfile', 'erofs'];

/** containerd's configuration, for containerd 1.6 and 2. */
export function containerdConfig({ root, state, socket, metrics, cri }: ContainerdSettings): string {
  const disabled = [
    ...(cri === null ? criPlugins : []),
    ...snapshotters.map((name) => `snapshotter.v1.${name}`),
  ].map((name) => `"io.containerd.${name}"`);
  const head = `version = 2
root = "${root}"
state = "${state}"
disabled_plugins = [${disabled.join(', ')}]
[grpc]
  address = "${socket}"
${metrics === undefined ? '' : `[metrics]\n  address = "${metrics}"\n`}[plugins."io.containerd.internal.v1.opt"]
  path = "${state}/opt"
`;
  return cri === null
    ? head
    : `${head}[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${cri.pause}"
  disable_apparmor = true
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${cri.binDir}"
    conf_dir = "${cri.confDir}"
`;
}
