import { join } from 'node:path';

/** Where a test cluster's control plane keeps its files, and the ports of loopback that it listens on. */
export interface Place {
  readonly folder: string;
  readonly storePort: number;
  readonly peerPort: number;
  readonly apiPort: number;
  /** The address that Services and nodes know it by; null where it is alone on the machine's loopback. */
  readonly address: string | null;
}

const serviceRange = '10.96.0.0/16';
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

export function apiServerFlags({ folder, storePort, apiPort, address }: Place): string[] {
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
  ];
}

/** Needs the kubeconfig `scheduler`; serves nothing itself. */
export function schedulerFlags(kubeconfig: string): string[] {
  return ['--kubeconfig', kubeconfig, '--leader-elect=false', '--secure-port', '0', ...quickly(300)];
}

/** All controllers but the one that judges nodes by their kubelets' heartbeats: these nodes have no kubelets. */
export function controllerManagerFlags({ folder }: Place, kubeconfig: string): string[] {
  const file = (name: string) => join(folder, name);
  return [
    ...['--kubeconfig', kubeconfig, '--leader-elect=false', '--secure-port', '0', ...quickly(50)],
    ...['--controllers', '*,-node-lifecycle-controller', '--use-service-account-credentials'],
    ...['--service-account-private-key-file', file('sa.key'), '--root-ca-file', file('ca.crt')],
    ...['--cluster-signing-cert-file', file('ca.crt'), '--cluster-signing-key-file', file('ca.key')],
    ...['--service-cluster-ip-range', serviceRange],
  ];
}

/**
 * Makes Services' addresses lead to their ready pods, by nftables, on the node `control-plane`, without which it
 * would wait half a minute. The machine's own limits stay as they are.
 */
export function proxyFlags(kubeconfig: string, address: string): string[] {
  return [
    ...['--kubeconfig', kubeconfig, '--proxy-mode', 'nftables', '--bind-address', address],
    ...['--hostname-override', 'control-plane', '--cluster-cidr', '10.244.0.0/16'],
    ...['--conntrack-max-per-core', '0', '--conntrack-min', '0'],
    ...['--conntrack-tcp-timeout-established', '0', '--conntrack-tcp-timeout-close-wait', '0'],
  ];
}
