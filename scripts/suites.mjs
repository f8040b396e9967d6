// The test suites: what each runs and which parts of the machine it needs.

/**
 * @typedef {{name: string, what: string, runner: 'jest' | 'bun', paths: string[], needs: string[], built?: string[],
 *   lane?: RegExp, alone?: string[]}} Suite
 * `built`: parts of test/parts/catalogue.ts that it needs; `lane`: those test files share what a run or the machine has
 * once, and run one after the other beside all others; `alone`: beginnings of the paths of those test files that run one
 * after the other, without any others beside them
 */

/** @type {Suite[]} */
export const suites = [
  {
    name: 'unit',
    what: 'pure logic, beside its files',
    runner: 'jest',
    paths: [
      'core/',
      'schema/',
      'service/',
      'document/',
      'netlink/',
      'cni/',
      'ipam-server/',
      'webhook/',
      'scripts/',
      'test/bench/',
    ],
    needs: [],
  },
  {
    name: 'netlink',
    what: 'netlink against the kernel, judged by ip -j',
    runner: 'bun',
    paths: ['netlink/', 'cni/', 'test/agent/'],
    needs: ['root', 'ip', 'nft', 'arping'],
  },
  {
    name: 'kernel',
    what: 'the plugin in network namespaces',
    runner: 'jest',
    paths: ['test/kernel/'],
    needs: ['root', 'ip', 'nsenter', 'nft', 'iptables', 'curl', 'tcpdump', 'ping', 'openssl', 'python3'],
    // Two nodes ask at the same moment, and each hears the other only if it gets its turn in time.
    alone: ['test/kernel/twins', 'test/kernel/ptp-duplicates'],
  },
  {
    name: 'agent',
    what: 'the node agent beside a real server: reserve, outages, conflicts, what lives on the node',
    runner: 'jest',
    paths: ['test/agent/'],
    needs: [
      ...[
        'root',
        'ip',
        'nsenter',
        'nft',
        'tcpdump',
        'ping',
        'arping',
        'openssl',
        'python3',
        'strace',
        'curl',
      ],
      'systemd-analyze',
    ],
  },
  {
    name: 'faults',
    what: 'plugin and server while kernel, disk, network and callers fail (REALIP_FAULTS=all: each fault)',
    runner: 'jest',
    paths: ['test/faults/'],
    needs: ['root', 'ip', 'strace', 'ping', 'openssl'],
  },
  {
    name: 'parts',
    what: 'third parties’ programs: pinned by checksum, built once, built anew when they are damaged',
    runner: 'jest',
    paths: ['test/parts/'],
    needs: ['go', 'apt'],
  },
  {
    name: 'runtimes',
    what: 'the plugin under containerd 1 and 2, over CRI',
    runner: 'jest',
    paths: ['test/runtimes/'],
    needs: ['root', 'ip', 'nsenter', 'nft', 'ping', 'go', 'apt'],
    built: ['debian-containerd', 'cni-plugins', 'containerd'],
  },
  {
    name: 'delegation',
    what: 'the plugin with other IPAM plugins, and under other plugins',
    runner: 'jest',
    paths: ['test/delegation/'],
    needs: ['root', 'ip', 'ping', 'tcpdump', 'go', 'dnsmasq', 'openssl'],
    built: ['cni-plugins'],
  },
  {
    name: 'cnitool',
    what: 'libcni drives conf lists: realip first, upstream plugins after it',
    runner: 'jest',
    paths: ['test/cnitool/'],
    needs: ['root', 'ip', 'iptables', 'ping', 'tc', 'go'],
    built: ['cni-plugins', 'cnitool'],
  },
  {
    name: 'server',
    what: 'the IPAM server on SQLite',
    runner: 'jest',
    paths: ['test/server/'],
    needs: ['openssl', 'strace', 'prlimit'],
    alone: ['test/server/overload'],
  },
  {
    name: 'etcd',
    what: 'the ledger on etcd: members killed, cut off, slow and full; two servers, of which one dies or freezes',
    runner: 'jest',
    paths: ['test/etcd/'],
    needs: ['root', 'ip', 'nsenter', 'nft', 'curl', 'ping', 'strace', 'go', 'apt'],
    built: ['debian-etcd', 'etcd'],
  },
  {
    name: 'monitoring',
    what: 'metrics, alert rules and board, judged by promtool',
    runner: 'jest',
    paths: ['test/monitoring/'],
    needs: ['apt'],
    built: ['debian-prometheus'],
  },
  {
    name: 'kube',
    what: 'IPAM server and agent beside Kubernetes’ own API server, scheduler, controllers and etcd',
    runner: 'jest',
    paths: ['test/kube/'],
    needs: ['root', 'ip', 'nsenter', 'arping', 'openssl', 'go', 'kubernetes'],
    built: ['etcd', 'kubernetes'],
  },
  {
    name: 'webhook',
    what: 'the webhook over TLS, and the manifests',
    runner: 'jest',
    paths: ['test/webhook/'],
    needs: ['openssl'],
  },
  {
    name: 'zones',
    what: 'the manifests as shipped, on Kubernetes’ own control plane: where pods land, outages, bursts',
    runner: 'jest',
    paths: ['test/zones/'],
    needs: ['root', 'ip', 'nsenter', 'nft', 'openssl', 'curl', 'go', 'kubernetes'],
    built: ['etcd', 'kubernetes'],
    // Two thousand pods at once, and the API server gives the webhook two seconds for each.
    alone: ['test/zones/burst'],
  },
  {
    name: 'lab',
    what: 'npm start, whole, killed and started again',
    runner: 'jest',
    paths: ['test/lab/'],
    needs: ['root', 'ip', 'nsenter', 'nft', 'openssl', 'curl'],
    // A machine has one lab, and README's snippets start it too.
    lane: /^test\/lab\//,
  },
  {
    name: 'house',
    what: 'documents (errors, links, snippets) and the dependency rules',
    runner: 'jest',
    paths: ['test/docs/', 'test/house/'],
    needs: ['root', 'ip', 'nsenter', 'nft', 'openssl', 'curl'],
    lane: /^test\/docs\/readme/,
  },
  {
    name: 'cluster',
    what: 'a real cluster: kubelets, containerd, kube-proxy and flannel on three nodes of this machine',
    runner: 'jest',
    paths: ['test/cluster/'],
    needs: [
      ...['root', 'cgroups', 'ip', 'nsenter', 'nft', 'iptables', 'curl', 'tcpdump', 'openssl', 'go', 'apt'],
      ...['kubernetes', 'cluster'],
    ],
    built: [
      ...['debian-containerd', 'cni-plugins', 'containerd', 'etcd', 'kubernetes'],
      ...['kubelet', 'flannel', 'coredns', 'agnhost', 'pause'],
    ],
    // They share one cluster; but some have one of their own, or none.
    lane: /^test\/cluster\/(?!(image|leaks)\/|sniffer|install|leftovers|sysctls|in-turn)/,
  },
];
