import type { DebianPart } from './debian-part.ts';
import type { GoPart } from './go-part.ts';

/** The third parties that tests and benches are held against, at the versions they are held against. */
export const cniPlugins: GoPart = {
  name: 'cni-plugins',
  module: 'github.com/containernetworking/plugins',
  version: 'v1.9.1',
  packages: [
    ...['main/macvlan', 'main/bridge', 'main/loopback', 'ipam/host-local', 'ipam/static', 'ipam/dhcp'],
    ...['meta/tuning', 'meta/portmap', 'meta/bandwidth', 'meta/firewall', 'meta/sbr'],
  ].map((path) => `github.com/containernetworking/plugins/plugins/${path}`),
};

/** libcni's own command: it drives conf lists as a runtime would. */
export const cnitool: GoPart = {
  name: 'cnitool',
  module: 'github.com/containernetworking/cni',
  version: 'v1.3.1',
  packages: ['github.com/containernetworking/cni/cnitool'],
};

export const etcd: GoPart = {
  name: 'etcd',
  module: 'go.etcd.io/etcd/server/v3',
  version: 'v3.6.5',
  packages: [{ path: 'go.etcd.io/etcd/server/v3', as: 'etcd' }],
};

const kubeVersion = 'k8s.io/component-base/version';

/** Kubernetes' own programs. Their first build takes ten minutes on two free cores, most of it the API server's. */
export const kubernetes: GoPart = {
  name: 'kubernetes',
  module: 'k8s.io/kubernetes',
  version: 'v1.34.4',
  packages: ['kube-apiserver', 'kube-scheduler', 'kube-controller-manager', 'kube-proxy', 'kubectl'].map(
    (name) => `k8s.io/kubernetes/cmd/${name}`,
  ),
  wrapper: 'kubernetes',
  variables: {
    [`${kubeVersion}.gitVersion`]: 'v1.34.4',
    [`${kubeVersion}.gitMajor`]: '1',
    [`${kubeVersion}.gitMinor`]: '34',
  },
};

export const containerd: GoPart = {
  name: 'containerd',
  module: 'github.com/containerd/containerd/v2',
  version: 'v2.4.2',
  packages: ['containerd', 'containerd-shim-runc-v2', 'ctr'].map(
    (name) => `github.com/containerd/containerd/v2/cmd/${name}`,
  ),
  files: [{ module: 'k8s.io/cri-api', path: 'pkg/apis/runtime/v1/api.proto' }],
};

/** containerd 1.6 in Debian 12. */
export const debianContainerd: DebianPart = {
  name: 'containerd',
  packages: ['containerd', 'runc', 'busybox-static'],
};

/** promtool in Debian 12's prometheus; unpacked, so that no Prometheus is started. */
export const prometheus: DebianPart = { name: 'prometheus', packages: ['prometheus'] };
