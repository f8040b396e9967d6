import { join } from 'node:path';

/** Where a test cluster's control plane keeps its files, and the ports of loopback that it listens on. */
export interface Place {
  readonly folder: string;
  readonly storePort: number;
  readonly peerPort: number;
  readonly apiPort: number;
  /** The address that Services and nodes know it by; null where it is alone on the machine's loopback. */
  readonly address: string | null;
  /** With real kubelets: the API server speaks to them, and nodes are judged by their heartbeats. */
  readonly kubelets?: boolean;
}

const serviceRange = '10.96.0.0/16';
const overlayRange = '10.244.0.0/16';
/** A burst of pods is not to wait for the clients' own limits of 20 calls a second, nor to overwhelm two cores. */
const quickly = (perSecond: number) => ['--kube-api-qps', `${perSecond}`, '--kube-api-burst', `${perSecond}`];

export function etcdFlags({ folder, storePort, peerPort }: Place): string[] {
  const store = `http://127.0.0.1:${storePort}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  return [
    ...['--data-dir', join(folder, 'etcd'), '--unsafe-no-fsync', '--log-level', 'warn'],
    ...['--listen-client-urls', store, '--advertise-client-urls', store],
    ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
    ...['--initial-cluster', `default=${peer}`],
  ];
}

export function apiServerFlags({ folder, storePort, apiPort, address, kubelets }: Place): string[] {
  const file = (name: string) => join(folder, name);
  return [
    ...['--etcd-servers', `http://127.0.0.1:${storePort}`],
    ...['--bind-address', address === null ? '127.0.0.1' : '0.0.0.0', '--secure-port', `${apiPort}`],
    ...(address === null
      ? ['--advertise-address', '127.0.0.1', '--endpoint-reconciler-type', 'none']
      : ['--advertise-address', address]),
    ...['--authorization-mode', 'Node,RBAC', '--enable-admission-plugins', 'NodeRestriction'],
    ...['--client-ca-file', file('ca.crt'), '--cert-dir', folder, '--allow-privileged'],
    ...['--tls-cert-file', file('apiserver.crt'), '--tls-private-key-file', file('apiserver.key')],
    ...['--service-account-issuer', 'https://kubernetes.default.svc.cluster.local'],
    ...['--service-account-key-file', file('sa.pub')],
    ...['--service-account-signing-key-file', file('sa.key')],
    ...['--service-cluster-ip-range', serviceRange],
    ...(kubelets ? ['--kubelet-preferred-address-types', 'InternalIP'] : []),
    ...(kubelets ? ['--kubelet-client-certificate', file('admin.crt')] : []),
    ...(kubelets ? ['--kubelet-client-key', file('admin.key')] : []),
  ];
}

/** Needs the kubeconfig `scheduler`; serves nothing itself. */
export function schedulerFlags(kubeconfig: string): string[] {
  return ['--kubeconfig', kubeconfig, '--leader-elect=false', '--secure-port', '0', ...quickly(300)];
}

/** All controllers; where nodes have no kubelets, without the one that judges them by their heartbeats. */
export function controllerManagerFlags({ folder, kubelets }: Place, kubeconfig: string): string[] {
  const file = (name: string) => join(folder, name);
  return [
    ...['--kubeconfig', kubeconfig, '--leader-elect=false', '--secure-port', '0'],
    ...(kubelets
      ? ['--allocate-node-cidrs', '--cluster-cidr', overlayRange, ...quickly(300)]
      : ['--controllers', '*,-node-lifecycle-controller', ...quickly(50)]),
    '--use-service-account-credentials',
    ...['--service-account-private-key-file', file('sa.key'), '--root-ca-file', file('ca.crt')],
    ...['--cluster-signing-cert-file', file('ca.crt'), '--cluster-signing-key-file', file('ca.key')],
    ...['--service-cluster-ip-range', serviceRange],
  ];
}

/**
 * Makes Services' addresses lead to their ready pods, on a node that there must be: without it, it would wait half a
 * minute. The machine's own limits stay as they are.
 */
export function proxyFlags(
  kubeconfig: string,
  address: string,
  node = 'control-plane',
  mode: 'nftables' | 'iptables' = 'nftables',
): string[] {
  return [
    ...['--kubeconfig', kubeconfig, '--proxy-mode', mode, '--bind-address', address],
    ...['--hostname-override', node, '--cluster-cidr', overlayRange],
    ...['--conntrack-max-per-core', '0', '--conntrack-min', '0'],
    ...['--conntrack-tcp-timeout-established', '0', '--conntrack-tcp-timeout-close-wait', '0'],
  ];
}
