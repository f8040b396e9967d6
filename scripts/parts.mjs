// Programs of the machine that tests and lab use: where each is missing, it is installed (root on a Debian-like
// machine) or the cure is said.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const isRoot = process.getuid?.() === 0;

/** Reports whether a program is found in PATH or where Debian keeps programs for administrators. */
function hasProgram(name) {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const program = (name, debian) => ({
  debian,
  present: () => hasProgram(name),
  cure: `install ${name} (Debian: apt-get install ${debian})`,
});

/** Reports whether a part that tests build has been built before; where: test/parts/cache.ts. */
function isBuilt(name) {
  const folder = process.env.REALIP_PARTS ?? join(homedir(), '.cache', 'realip', 'parts');
  return existsSync(folder) && readdirSync(folder).some((each) => each.startsWith(`${name}-`));
}

/** Everything a suite or the lab may need beside Node: how to see it, and how to get it. */
export const parts = {
  root: { present: () => isRoot, cure: 'run as root (sudo npm test): it makes network namespaces' },
  ip: program('ip', 'iproute2'),
  prlimit: program('prlimit', 'util-linux'),
  nsenter: program('nsenter', 'util-linux'),
  nft: program('nft', 'nftables'),
  iptables: program('iptables', 'iptables'),
  tc: program('tc', 'iproute2'),
  tcpdump: program('tcpdump', 'tcpdump'),
  strace: program('strace', 'strace'),
  ping: program('ping', 'iputils-ping'),
  arping: program('arping', 'iputils-arping'),
  sockperf: program('sockperf', 'sockperf'),
  iperf3: program('iperf3', 'iperf3'),
  ss: program('ss', 'iproute2'),
  openssl: program('openssl', 'openssl'),
  curl: program('curl', 'curl'),
  python3: program('python3', 'python3'),
  'systemd-analyze': program('systemd-analyze', 'systemd'),
  apt: {
    present: () => hasProgram('apt-get') && hasProgram('dpkg-deb'),
    cure: 'run it on Debian or a relative; containerd 1.6 and promtool are unpacked from its packages',
  },
  dnsmasq: program('dnsmasq', 'dnsmasq-base'),
  go: {
    present: () => hasProgram('go'),
    cure: 'install Go 1.26 or newer; it builds what tests and benches are held against',
  },
  kubernetes: {
    // Ten minutes are not spent unasked.
    asked: () => hasProgram('go'),
    present: () => isBuilt('kubernetes'),
    cure: 'ask for the suite by name (npm test -- kube): its first run builds Kubernetes, in ten minutes',
  },
  cluster: {
    // Nor are these.
    asked: () => hasProgram('go'),
    present: () =>
      ['kubelet', 'containerd', 'etcd', 'flannel', 'coredns', 'agnhost', 'pause', 'cni-plugins'].every(
        isBuilt,
      ),
    cure: 'npm run cluster -- build (kubelet, containerd, flannel, CoreDNS and what else a cluster is made of)',
  },
  cgroups: {
    present: () => existsSync('/sys/fs/cgroup/cpuset/cgroup.procs'),
    cure: 'boot with cgroup v1 (systemd.unified_cgroup_hierarchy=0): each node gets a part of it for itself',
  },
};

/** The names of those parts that are missing; what is built only where it was asked for is not, where it was. */
export function missing(names, asked = false) {
  return names.filter((name) => !parts[name].present() && !(asked && parts[name].asked?.()));
}

/** Installs what is missing and comes from Debian, if this is root on a Debian-like machine; says what it does. */
export function provide(names) {
  const packages = missing(names).flatMap((name) => parts[name].debian ?? []);
  if (packages.length === 0 || !isRoot || !existsSync('/usr/bin/apt-get')) {
    return;
  }
  console.log(`Installing Debian packages: ${packages.join(' ')} …`);
  const apt = (...args) =>
    spawnSync('apt-get', args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    }).status;
  // A fresh machine has no package lists, a long-lived one has old ones: refresh only when the first try fails.
  const installing = ['install', '-y', '-qq', '--no-install-recommends', ...packages];
  if (apt(...installing) !== 0) {
    apt('update', '-qq');
    apt(...installing);
  }
}
