// The test suites: what each runs and which parts of the machine it needs.

/** @type {{name: string, what: string, runner: 'jest' | 'bun', paths: string[], needs: string[]}[]} */
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
    // A filter on paths: what else is there is jest's.
    paths: ['.bun.test.ts'],
    needs: ['root', 'ip', 'nft'],
  },
  {
    name: 'kernel',
    what: 'the plugin in network namespaces',
    runner: 'jest',
    paths: ['test/kernel/'],
    needs: ['root', 'ip', 'nsenter', 'nft', 'iptables', 'curl', 'tcpdump', 'ping', 'openssl', 'python3'],
  },
  {
    name: 'faults',
    what: 'the plugin while kernel, server, network and callers fail (REALIP_FAULTS=all: each fault)',
    runner: 'jest',
    paths: ['test/faults/'],
    needs: ['root', 'ip', 'strace', 'ping', 'openssl'],
  },
  {
    name: 'runtimes',
    what: 'the plugin under containerd 1 and 2, over CRI',
    runner: 'jest',
    paths: ['test/runtimes/'],
    needs: ['root', 'ip', 'nsenter', 'nft', 'ping', 'go', 'apt'],
  },
  {
    name: 'delegation',
    what: 'the plugin with other IPAM plugins, and under other plugins',
    runner: 'jest',
    paths: ['test/delegation/'],
    needs: ['root', 'ip', 'ping', 'tcpdump', 'go', 'dnsmasq', 'openssl'],
  },
  {
    name: 'cnitool',
    what: 'libcni drives conf lists: realip first, upstream plugins after it',
    runner: 'jest',
    paths: ['test/cnitool/'],
    needs: ['root', 'ip', 'iptables', 'ping', 'tc', 'go'],
  },
  {
    name: 'server',
    what: 'the IPAM server on SQLite',
    runner: 'jest',
    paths: ['test/server/'],
    needs: ['openssl'],
  },
  {
    name: 'webhook',
    what: 'the webhook over TLS, and the manifests',
    runner: 'jest',
    paths: ['test/webhook/'],
    needs: ['openssl'],
  },
  {
    name: 'lab',
    what: 'npm start, whole, killed and started again',
    runner: 'jest',
    paths: ['test/lab/'],
    needs: ['root', 'ip', 'nsenter', 'nft', 'openssl', 'curl'],
  },
  {
    name: 'house',
    what: 'documents (errors, links, snippets) and the dependency rules',
    runner: 'jest',
    paths: ['test/docs/', 'test/house/'],
    needs: ['root', 'ip', 'nsenter', 'nft', 'openssl', 'curl'],
  },
];
