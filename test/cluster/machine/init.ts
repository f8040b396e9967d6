/** What a machine writes there is its own, and lies on its disk: over what is beneath, for all to read. */
const layered = ['etc', 'opt', 'var/lib', 'var/log'];
/** Its very own: those that others must see from outside, or that can't be layers. */
const folders = ['etc/cni/net.d', 'opt/cni/bin', 'var/lib/kubelet', 'var/lib/containerd'];

/**
 * The first process of a machine (bash), in namespaces of its own for network, mounts and processes. Its argument is
 * the machine's disk. It puts the machine's own folders over the standard paths, without making any on the machine
 * beneath; then it reaps what its daemons leave, for as long as the power is on.
 */
export const initScript = `set -eu
disk=$1
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/netns /run/lock
for path in ${layered.join(' ')}; do
  mkdir -p $disk/over/$path $disk/work/$path
  mount -t overlay -o lowerdir=/$path,upperdir=$disk/over/$path,workdir=$disk/work/$path overlay /$path
done
for path in ${folders.join(' ')}; do
  mkdir -p $disk/$path /$path
  mount --bind $disk/$path /$path
done
mkdir -p /run/.machine/cgroup
mount --rbind /sys/fs/cgroup /run/.machine/cgroup
mount -t sysfs sysfs /sys
mount --rbind /run/.machine/cgroup /sys/fs/cgroup
umount -l /run/.machine/cgroup
mount --make-rshared /
touch $disk/is-up
while :; do sleep 1000000 & wait $!; done
`;
