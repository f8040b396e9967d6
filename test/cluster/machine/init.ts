/** What a node has for itself of the standard paths; on disk, so that it is there again after a power cut. */
const folders = [
  'etc/cni/net.d',
  'opt/cni/bin',
  'var/lib/kubelet',
  'var/lib/containerd',
  'var/lib/cni',
  'var/lib/realip',
  'var/log/pods',
  'var/log/containers',
];

/**
 * The first process of a machine (bash), in namespaces of its own for network, mounts and processes. Its argument is
 * the machine's folder. It puts the machine's own folders over the standard paths, without making any on the machine
 * beneath; then it reaps what its daemons leave, for as long as the power is on.
 */
export const initScript = `set -eu
disk=$1
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/netns /run/lock
for path in etc opt var/lib var/log; do
  mkdir -p /run/.machine/$path/upper /run/.machine/$path/work
  mount -t overlay -o lowerdir=/$path,upperdir=/run/.machine/$path/upper,workdir=/run/.machine/$path/work overlay /$path
done
for path in ${folders.join(' ')}; do
  mkdir -p $disk/$path /$path
  mount --bind $disk/$path /$path
done
mkdir /run/.machine/cgroup
mount --rbind /sys/fs/cgroup /run/.machine/cgroup
mount -t sysfs sysfs /sys
mount --rbind /run/.machine/cgroup /sys/fs/cgroup
umount -l /run/.machine/cgroup
mount --make-rshared /
touch $disk/is-up
while :; do sleep 1000000 & wait $!; done
`;
